package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.update.Sgd;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Training that is saved and goes on as if nothing had been. */
final class CheckpointTest extends DeviceTests {
  @TempDir private Path folder;

  private static Optimizer momentum(Layer network) {
    return Optimizer.sgd(network, new Sgd(0.9, true, 1e-3));
  }

  private static TrainingRun run(
      Device device, Norm norm, long seed, Function<Layer, Optimizer> how) {
    return new TrainingRun(device, norm, DType.F32, seed, how);
  }

  private static Checkpoint checkpoint(TrainingRun run) {
    return new Checkpoint(run.network, run.optimizer, run.average);
  }

  @TestFactory
  Stream<DynamicTest> goesOnWithTheSameBits() {
    return Stream.of(
            goesOnWithTheSameBits("Adam", Optimizer::adam),
            goesOnWithTheSameBits("SGD", CheckpointTest::momentum))
        .flatMap(tests -> tests);
  }

  private Stream<DynamicTest> goesOnWithTheSameBits(String name, Function<Layer, Optimizer> how) {
    return onEveryDevice(
        name,
        device -> {
          Path file = folder.resolve(name);
          try (TrainingRun whole = run(device, Norm.BATCH, 1, how);
              TrainingRun first = run(device, Norm.BATCH, 1, how);
              TrainingRun second = run(device, Norm.BATCH, 99, how)) {
            float[] losses = whole.losses(20);
            first.losses(10);
            checkpoint(first).save(file, Map.of());
            second.losses(3);
            checkpoint(second).restore(file);
            TrainingTest.requireSame(first, second);
            assertArrayEquals(Arrays.copyOfRange(losses, 10, 20), second.losses(10));
            TrainingTest.requireSame(whole, second);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> keepsNotes() {
    return onEveryDevice(
        device -> {
          Path file = folder.resolve("notes");
          Map<String, String> notes = Map.of("epoch", "7", "größe \"x\"\n", "½, {}", "empty", "");
          try (TrainingRun run = run(device, Norm.NONE, 1, Optimizer::adam)) {
            Checkpoint checkpoint = checkpoint(run);
            checkpoint.save(file, notes);
            assertEquals(notes, checkpoint.restore(file));
            assertEquals(notes, Checkpoint.notes(file));
            checkpoint.save(file, Map.of("epoch", "8"));
            assertEquals(Map.of("epoch", "8"), Checkpoint.notes(file), "the file is replaced");
            refused(
                "the note glia.x begins with glia.",
                () -> checkpoint.save(file, Map.of("glia.x", "1")));
            assertEquals(Map.of("epoch", "8"), Checkpoint.notes(file), "and not by what fails");
          }
          try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList(), "no temporary file is left");
          }
        });
  }

  /** Asserts that a restore fails with a message that says these, and changes nothing. */
  private static void requireRefusal(TrainingRun run, Path file, String... messages) {
    Map<String, float[]> before = run.everything();
    IOException e = assertThrows(IOException.class, () -> checkpoint(run).restore(file));
    for (String message : messages) {
      assertTrue(e.getMessage().contains(message), e::toString);
    }
    assertTrue(e.getMessage().contains(file.toString()), e::toString);
    Map<String, float[]> after = run.everything();
    before.forEach((name, values) -> assertArrayEquals(values, after.get(name), name));
  }

  @TestFactory
  Stream<DynamicTest> refusesAnotherArchitecture() {
    return onEveryDevice(
        device -> {
          Path file = folder.resolve("architecture");
          try (TrainingRun saved = run(device, Norm.BATCH, 1, Optimizer::adam);
              TrainingRun other = run(device, Norm.NONE, 1, Optimizer::adam)) {
            saved.losses(1);
            checkpoint(saved).save(file, Map.of());
            other.losses(2);
            requireRefusal(
                other,
                file,
                "missing in the file: network.down.conv.bias",
                "optimizer.m.down.conv.bias",
                "average.down.conv.bias",
                "in the file but not in the network: network.down.norm.weight",
                "network.down.norm.running_mean");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesAnotherWidth() {
    return onEveryDevice(
        device -> {
          Path file = folder.resolve("width");
          try (Layer narrow = new Conv2d(2, 3, 3);
              Layer wide = new Conv2d(2, 5, 3)) {
            narrow.initialize(device, 1);
            wide.initialize(device, 1);
            try (Optimizer ofNarrow = Optimizer.adam(narrow);
                Optimizer ofWide = Optimizer.adam(wide)) {
              new Checkpoint(narrow, ofNarrow).save(file, Map.of());
              refused(
                  IOException.class,
                  "network.weight (the network has [5, 2, 3, 3], the file [3, 2, 3, 3])",
                  () -> new Checkpoint(wide, ofWide).restore(file));
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesAnotherOptimizer() {
    return onEveryDevice(
        device -> {
          Path file = folder.resolve("optimizer");
          try (TrainingRun saved = run(device, Norm.NONE, 1, Optimizer::adam);
              TrainingRun other = run(device, Norm.NONE, 2, CheckpointTest::momentum)) {
            checkpoint(saved).save(file, Map.of());
            requireRefusal(other, file, "optimizer.velocity.down.conv.weight", "optimizer.m.");
            Checkpoint without = new Checkpoint(saved.network, saved.optimizer);
            refused(IOException.class, "average.down.conv.weight", () -> without.restore(file));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatIsNoWholeCheckpoint() {
    return onEveryDevice(
        device -> {
          Path file = folder.resolve("file");
          try (TrainingRun run = run(device, Norm.NONE, 1, Optimizer::adam)) {
            run.losses(1);
            Weights.save(run.network, file);
            requireRefusal(run, file, "is not a checkpoint of training", "Weights.load");

            checkpoint(run).save(file, Map.of());
            byte[] whole = Files.readAllBytes(file);
            for (int size : new int[] {0, 7, 100, whole.length / 2, whole.length - 1}) {
              Files.write(file, Arrays.copyOf(whole, size));
              requireRefusal(run, file, "is not a whole safetensors file");
            }

            Map<String, String> metadata = new HashMap<>();
            metadata.put("glia.checkpoint", "1");
            for (String steps : new String[] {null, "", "-3", "x", "9".repeat(19), "1.5"}) {
              if (steps != null) {
                metadata.put("glia.optimizer.steps", steps);
              }
              WeightFile.write(file, Map.of(), metadata);
              requireRefusal(run, file, "is damaged: its number of steps is " + steps);
            }
            metadata.put("glia.checkpoint", "2");
            WeightFile.write(file, Map.of(), metadata);
            requireRefusal(run, file, "in format 2, expected 1");

            Path absent = folder.resolve("absent");
            requireRefusal(run, absent, absent.toString());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> leavesTheOldFileWhereANewOneCannotBeWritten() {
    return onEveryDevice(
        device -> {
          try (TrainingRun run = run(device, Norm.NONE, 1, Optimizer::adam)) {
            Path file = folder.resolve("absent").resolve("file");
            assertThrows(IOException.class, () -> checkpoint(run).save(file, Map.of()));
            assertFalse(Files.exists(file));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> namesWhatIsNotFinite() {
    return onEveryDevice(
        device -> {
          for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            try (TrainingRun run = run(device, Norm.BATCH, 1, Optimizer::adam)) {
              run.losses(1);
              assertEquals(Optional.empty(), checkpoint(run).notFinite());
              for (String name :
                  List.of(
                      "average.down.conv.weight",
                      "optimizer.v.down.conv.weight",
                      "network.down.norm.running_var")) {
                spoil(run, name, wrong);
                assertEquals(Optional.of(name), checkpoint(run).notFinite());
              }
            }
          }
        });
  }

  /** Makes the last number of a tensor another. */
  private static void spoil(TrainingRun run, String name, float number) {
    String inGroup = name.substring(name.indexOf('.') + 1);
    Tensor tensor =
        switch (name.substring(0, name.indexOf('.'))) {
          case "average" -> run.average.state().get(inGroup);
          case "optimizer" -> run.optimizer.state().get(inGroup);
          default -> run.network.state().get(inGroup).value();
        };
    float[] values = tensor.toFloats();
    values[values.length - 1] = number;
    tensor.copyFrom(values);
  }

  @TestFactory
  Stream<DynamicTest> refusesNullAndWhatIsFreed() {
    return onEveryDevice(
        device -> {
          Path file = folder.resolve("null");
          TrainingRun run = run(device, Norm.NONE, 1, Optimizer::adam);
          Checkpoint checkpoint = checkpoint(run);
          refused("the network is null", () -> new Checkpoint(null, run.optimizer));
          refused("the optimizer is null", () -> new Checkpoint(run.network, null));
          refused("the path is null", () -> checkpoint.save(null, Map.of()));
          refused("the path is null", () -> checkpoint.restore(null));
          refused("the path is null", () -> Checkpoint.notes(null));
          refused("the map of notes is null", () -> checkpoint.save(file, null));
          Map<String, String> notes = new HashMap<>();
          notes.put("epoch", null);
          refused("the note epoch is null", () -> checkpoint.save(file, notes));
          checkpoint.save(file, Map.of());
          run.close();
          refused(
              IllegalStateException.class,
              "freed with its network",
              () -> checkpoint.save(file, Map.of()));
          refused(
              IllegalStateException.class,
              "freed with its network",
              () -> checkpoint.restore(file));
          assertEquals(Map.of(), Checkpoint.notes(file), "the file is whole");
        });
  }
}
