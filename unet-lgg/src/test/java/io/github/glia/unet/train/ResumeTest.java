package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.nn.WeightFile;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.evaluate.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was stopped or killed, and resumed, ends with the bits of one that was not. */
class ResumeTest {
  private final DataSet data = Discs.data(5, 6);
  private final Split split = Discs.split(data, 1);
  @TempDir Path folder;

  /** As if the process had been killed: nothing after it is saved. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  static Stream<TrainOptions> runs() {
    TrainOptions plain = Discs.options();
    return Device.all().stream()
        .map(device -> plain.with("device", device.name()))
        .flatMap(
            options ->
                Stream.of(
                    options,
                    options.with(Map.of("ema", 0.9, "accumulate", 4, "checkpoint-seconds", 0)),
                    options.with(
                        Map.of(
                            "optimizer",
                            "sgd",
                            "schedule",
                            "plateau:1",
                            "warm-up",
                            1,
                            "checkpoint-seconds",
                            0)),
                    options.with(Map.of("optimizer", "adamw", "norm", "group", "up", "bilinear"))));
  }

  @AfterEach
  void nothingIsLeftInMemory() {
    for (Device device : Device.all()) {
      assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void stoppedAndKilledRunsEndAsUndisturbedOnes(TrainOptions options) throws IOException {
    Path undisturbed = folder.resolve("undisturbed");
    Outcome whole = new Trainer(options, data, split, undisturbed, new Listener() {}).run();
    Path disturbed = folder.resolve("disturbed");
    Philox random = new Philox(options.toJson().toString().hashCode(), 0);
    Outcome outcome;
    do {
      outcome = disturb(options.with("resume", true), disturbed, random);
    } while (outcome == null || outcome.end() == Outcome.End.INTERRUPTED);
    assertSameBits(undisturbed, disturbed, "last.safetensors");
    assertSameBits(undisturbed, disturbed, "best.safetensors");
    assertSameBits(undisturbed, disturbed, "model.safetensors");
    assertEquals(
        withoutSeconds(whole.history().epochs()), withoutSeconds(outcome.history().epochs()));
    assertEquals(
        Files.readAllLines(undisturbed.resolve("metrics.csv")).size(),
        Files.readAllLines(disturbed.resolve("metrics.csv")).size());
  }

  /** Goes on for some steps and is stopped, or killed; null if killed. */
  private Outcome disturb(TrainOptions options, Path out, Philox random) throws IOException {
    int steps = 1 + random.nextInt(5);
    boolean kill = random.nextInt(2) == 0;
    Trainer[] trainer = new Trainer[1];
    Listener disturber =
        new Listener() {
          private int left = steps;

          @Override
          public void stepped(Listener.Step step) {
            left--;
            if (left == 0 && kill) {
              throw new Killed();
            }
            if (left == 0) {
              trainer[0].stop();
            }
          }
        };
    trainer[0] = new Trainer(options, data, split, out, disturber);
    try {
      return trainer[0].run();
    } catch (Killed killed) {
      return null;
    }
  }

  private static void assertSameBits(Path a, Path b, String name) throws IOException {
    WeightFile expected = WeightFile.open(a.resolve(name));
    WeightFile actual = WeightFile.open(b.resolve(name));
    assertEquals(expected.names(), actual.names());
    for (String array : expected.names()) {
      assertArrayEquals(expected.read(array).values(), actual.read(array).values(), array);
    }
  }

  private static List<Epoch> withoutSeconds(List<Epoch> epochs) {
    return epochs.stream()
        .map(
            e ->
                new Epoch(
                    e.number(),
                    e.trainLoss(),
                    e.validationLoss(),
                    e.validationDice(),
                    e.learningRate(),
                    0,
                    0))
        .toList();
  }

  @Test
  void aDamagedCheckpointIsNamed() throws IOException {
    Files.write(folder.resolve("last.safetensors"), new byte[100]);
    Trainer trainer =
        new Trainer(Discs.options().with("resume", true), data, split, folder, new Listener() {});
    String message = assertThrows(IOException.class, trainer::run).getMessage();
    assertTrue(message.contains("last.safetensors is not a whole safetensors file"), message);
  }
}
