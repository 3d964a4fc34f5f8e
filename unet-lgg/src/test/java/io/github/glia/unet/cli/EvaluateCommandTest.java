package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.fails;
import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.Split;
import io.github.glia.unet.data.Splits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void figuresOfPatientsWhoTrainedAreSaidToFlatter() throws IOException {
    Path data = folder.resolve("data");
    succeeds("phantom", data, "--patients", 2, "--slices", 2, "--size", 32);
    Path split = folder.resolve("split.json");
    String trained = "TCGA_PH_0001_20260101";
    Splits.write(new Split(List.of(trained), List.of("TCGA_PH_0002_20260101"), List.of()), split);
    for (String part : List.of("train", "validation")) {
      Path page = folder.resolve(part + ".html");
      Ended ended =
          succeeds("evaluate", "--data", data, "--split", split, "--part", part, "--report", page);
      boolean flatters = part.equals("train");
      assertEquals(flatters, ended.out().contains("note: the model learned from"), ended.out());
      String report = Files.readString(page);
      assertEquals(flatters, report.contains("The model learned from them, which flatters it."));
    }
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
