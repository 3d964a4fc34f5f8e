package io.github.glia.unet.cli;

import static io.github.glia.unet.cli.Ended.succeeds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a training. */
@Timeout(120)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java cannot send a Ctrl-C there")
final class InterruptTest {
  private static final int SIGINT = 128 + 2;
  private static final long INTERRUPT_BIT = 1L << 1;
  private static final String IGNORED = "SigIgn:";
  private static final int WAIT_MILLISECONDS = 20;

  @TempDir Path folder;

  /**
   * What ignores a signal hands that on to its children: a shell does so with what it runs aside.
   */
  private static boolean isIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(IGNORED))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(IGNORED.length()).strip(), 16))
        .anyMatch(mask -> (mask & INTERRUPT_BIT) != 0);
  }

  @Test
  void finishesTheStepAndSavesAndSaysHowToGoOn() throws Exception {
    assumeFalse(isIgnored(), "Ctrl-C is ignored here");
    Path data = folder.resolve("data");
    Path out = folder.resolve("run");
    succeeds("phantom", data, "--patients", 3, "--slices", 3, "--size", 32);
    Process process =
        Ended.start(
            List.of(),
            folder,
            "train",
            "--data",
            data,
            "--out",
            out,
            "--epochs",
            100000,
            "--size",
            32,
            "--features",
            2,
            "--depth",
            2,
            "--batch-size",
            2,
            "--learning-rate",
            1e-12);
    Path said = folder.resolve("out.txt");
    while (process.isAlive() && !Files.readString(said).contains("epoch 2:")) {
      Thread.sleep(WAIT_MILLISECONDS);
    }
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    Ended ended = Ended.of(process, folder);
    assertEquals(SIGINT, ended.code(), ended.err());
    assertEquals("", ended.err().replaceAll("(?m)^(WARNING: .*)?\\R", ""));
    List<String> lines = ended.out().lines().toList();
    String last = lines.get(lines.size() - 1);
    String goOn = "`glia train --config " + out.resolve("config.json") + " --resume`";
    assertTrue(last.contains("everything is saved in " + out.resolve("last.safetensors")), last);
    assertTrue(last.endsWith(goOn), last);

    // Nothing is learned at that rate, so that it stops as soon as it may.
    Ended resumed =
        succeeds(
            "train", "--config", out.resolve("config.json"), "--resume", "--early-stopping", 1);
    assertTrue(resumed.out().contains("going on after epoch"), resumed.out());
    assertTrue(resumed.out().contains("no better Dice in 1 epochs"), resumed.out());
  }
}
