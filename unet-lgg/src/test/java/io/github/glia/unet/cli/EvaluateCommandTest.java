package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.fails;
import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class EvaluateCommandTest {
  @TempDir Path folder;

  @Test
  void whatCannotBeWrittenFailsBeforeAnythingIsRead() {
    Path data = folder.resolve("not even there");
    Path nowhere = folder.resolve("nowhere/file");
    for (String flag : new String[] {"--json", "--report"}) {
      fails(Main.FAILURE, flag + " " + nowhere, "evaluate", "--data", data, flag, nowhere);
      fails(Main.FAILURE, flag + " " + folder, "evaluate", "--data", data, flag, folder);
    }
    fails(Main.FAILURE, "not even there", "evaluate", "--data", data);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "no other has a device that is always full")
  void figuresAreSaidEvenIfTheReportCannotBeWritten() {
    Path data = folder.resolve("data");
    succeeds("phantom", data, "--patients", 1, "--slices", 2, "--size", 32);
    Ended ended = Ended.of("evaluate", "--data", data, "--report", "/dev/full");
    assertEquals(Main.FAILURE, ended.code(), ended.err());
    assertTrue(ended.err().contains("/dev/full cannot be written"), ended.err());
    assertTrue(ended.out().contains("over 1 patients"), ended.out());
  }
}
