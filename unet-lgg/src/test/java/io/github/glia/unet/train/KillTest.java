package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.DataSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Trains in a process of its own, and ends that process. */
@Timeout(300)
class KillTest {
  private static final int KILLS = 3;
  private static final int MOST_MILLISECONDS = 400;
  private static final int SIGTERM = 128 + 15;

  @TempDir Path folder;

  /** The process: trains on discs, and says each step. */
  public static void main(String[] args) throws IOException {
    DataSet data = Discs.data(5, 8);
    TrainOptions options =
        Discs.options()
            .with("resume", true)
            .with("epochs", Integer.parseInt(args[1]))
            .with("checkpoint-seconds", 0);
    Listener says =
        new Listener() {
          @Override
          public void stepped(Listener.Step step) {
            System.out.println("step " + step.step() + " of epoch " + step.epoch());
          }
        };
    Trainer trainer = new Trainer(options, data, Discs.split(data, 1), Path.of(args[0]), says);
    try (Interruption interruption = new Interruption(trainer)) {
      System.out.println(trainer.run().message());
    }
  }

  private static Process start(Path out, int epochs) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            KillTest.class.getName(),
            out.toString(),
            Integer.toString(epochs));
    // One thread, so that the bits do not depend on how many cores are free.
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.redirectErrorStream(true).start();
  }

  /** Ends when it has trained, or is killed some milliseconds after its first step. */
  private static void killAfterFirstStep(Path out, int epochs, int milliseconds) throws Exception {
    Process process = start(out, epochs);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("step")) {
        line = lines.readLine();
      }
      if (!process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      process.waitFor();
    }
  }

  private static String runToTheEnd(Path out, int epochs) throws Exception {
    Process process = start(out, epochs);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  @Test
  void aRunThatIsKilledAgainAndAgainEndsWithTheBitsOfOneThatIsNot() throws Exception {
    int epochs = 6;
    Path undisturbed = folder.resolve("undisturbed");
    runToTheEnd(undisturbed, epochs);
    Path killed = folder.resolve("killed");
    Philox random = new Philox(11, 0);
    for (int i = 0; i < KILLS; i++) {
      killAfterFirstStep(killed, epochs, random.nextInt(MOST_MILLISECONDS));
    }
    String said = runToTheEnd(killed, epochs);
    assertTrue(said.contains("trained 6 epochs"), said);
    assertArrayEquals(
        Files.readAllBytes(undisturbed.resolve("model.safetensors")),
        Files.readAllBytes(killed.resolve("model.safetensors")));
    try (Stream<Path> files = Files.list(killed)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Java cannot ask a process to end there")
  void aRunThatIsAskedToEndSavesAndSaysHowToGoOn() throws Exception {
    Process process = start(folder, 1000);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("step")) {
        line = lines.readLine();
      }
      // Process.destroy would close the stream that is being read as well.
      process.toHandle().destroy();
      String last = line;
      for (line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
      }
      assertEquals(SIGTERM, process.waitFor());
      assertTrue(last.contains("--resume"), last);
      TrainerTest.assertFinite(folder.resolve("last.safetensors"));
    }
  }
}
