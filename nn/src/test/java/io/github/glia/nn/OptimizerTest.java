package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What optimizers do around the update of each: clipping, state, steps, what they skip. */
final class OptimizerTest extends DeviceTests {
  private static final Sgd PLAIN = new Sgd(0, false, 0);

  private interface Steps {
    void take(Layer layer, Parameter weight, Parameter bias);
  }

  /** A linear map of two numbers to one, with weights [1, 2] and bias 3. */
  private static Stream<DynamicTest> onLinear(Steps steps) {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(2, 1)) {
            layer.initialize(device, 1);
            value(layer, "weight").copyFrom(new float[] {1, 2});
            value(layer, "bias").copyFrom(new float[] {3});
            steps.take(layer, layer.state().get("weight"), layer.state().get("bias"));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> stepsDownTheGradientAndForgetsIt() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer sgd = Optimizer.sgd(layer, PLAIN)) {
            ParameterTest.give(weight, 4, -8);
            ParameterTest.give(bias, 2);
            sgd.step(0.5f);
            assertArrayEquals(new float[] {-1, 6}, weight.value().toFloats());
            assertArrayEquals(new float[] {2}, bias.value().toFloats());
            assertFalse(weight.hasGradient() || bias.hasGradient());
            assertEquals(1, sgd.steps());
            assertTrue(Double.isNaN(sgd.gradientNorm()), "norms are taken where they clip");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> takesNoMemoryBeforeItsFirstStep() {
    return onLinear(
        (layer, weight, bias) -> {
          Memory memory = weight.value().device().memory();
          long before = memory.liveBytes();
          try (Optimizer adam = Optimizer.adam(layer)) {
            assertEquals(before, memory.liveBytes());
            ParameterTest.give(weight, 4, -8);
            ParameterTest.give(bias, 2);
            adam.step(0.5f);
            assertEquals(before + 2 * (2 + 1) * Float.BYTES, memory.liveBytes());
          }
          assertEquals(before, memory.liveBytes());
        });
  }

  @TestFactory
  Stream<DynamicTest> scalesGradientsFirst() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer sgd = Optimizer.sgd(layer, PLAIN)) {
            ParameterTest.give(weight, 4, -8);
            sgd.step(0.5f, 0.25f);
            assertArrayEquals(new float[] {0.5f, 3}, weight.value().toFloats());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> clipsTheNormOfAllGradients() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer sgd = Optimizer.sgd(layer, PLAIN).clip(3.5)) {
            // √(2² + 3² + 6²) = 7, twice what is allowed.
            ParameterTest.give(weight, 2, 3);
            ParameterTest.give(bias, 6);
            sgd.step(1);
            assertEquals(7, sgd.gradientNorm(), 1e-6);
            assertArrayEquals(new float[] {0, 0.5f}, weight.value().toFloats(), 1e-5f);
            assertArrayEquals(new float[] {0}, bias.value().toFloats(), 1e-5f);
            ParameterTest.give(weight, 2, 1);
            sgd.step(1);
            assertEquals(Math.sqrt(5), sgd.gradientNorm(), 1e-6);
            assertArrayEquals(
                new float[] {-2, -0.5f}, weight.value().toFloats(), 1e-5f, "not clipped");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> clipsAfterScaling() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer sgd = Optimizer.sgd(layer, PLAIN).clip(2.5)) {
            ParameterTest.give(weight, 300, 400);
            sgd.step(1, 0.01f);
            assertEquals(5, sgd.gradientNorm(), 1e-5);
            assertArrayEquals(new float[] {-0.5f, 0}, weight.value().toFloats(), 1e-5f);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> requiresAGradient() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer adam = Optimizer.adam(layer)) {
            refused(
                IllegalStateException.class,
                "no parameter has a gradient: run backward before step",
                () -> adam.step(1));
            assertEquals(0, adam.steps());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> countsNoStepThatWasRefused() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer adam = Optimizer.adam(layer)) {
            ParameterTest.give(weight, 1, 1);
            refused("learning rate", () -> adam.step(Float.NaN));
            refused("learning rate", () -> adam.step(-1));
            assertEquals(0, adam.steps());
            adam.step(1);
            assertEquals(1, adam.steps());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> leavesWhatHasNoGradient() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer adamW = Optimizer.adamW(layer, new Adam(0.9, 0.999, 1e-8, 0.1))) {
            ParameterTest.give(weight, 1, -1);
            adamW.step(0.5f);
            assertEquals(3, bias.value().item(), "not even decayed");
            assertArrayEquals(
                new float[] {0.95f - 0.5f, 1.9f + 0.5f}, weight.value().toFloats(), 1e-5f);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> skipsFrozenParameters() {
    return onLinear(
        (layer, weight, bias) -> {
          weight.freeze();
          try (Optimizer adam = Optimizer.adam(layer)) {
            assertEquals(List.of("m.bias", "v.bias"), List.copyOf(adam.state().keySet()));
            ParameterTest.give(weight, 4, -8);
            ParameterTest.give(bias, 1);
            adam.step(0.5f);
            assertArrayEquals(new float[] {1, 2}, weight.value().toFloats());
            assertEquals(2.5f, bias.value().item(), 1e-5);
          }
          bias.freeze();
          refused("has no parameters to train", () -> Optimizer.adam(layer));
        });
  }

  @TestFactory
  Stream<DynamicTest> namesItsState() {
    return onLinear(
        (layer, weight, bias) -> {
          Adam settings = new Adam(0.9, 0.999, 1e-8, 0);
          try (Optimizer adam = Optimizer.adam(layer, settings);
              Optimizer adamW = Optimizer.adamW(layer, settings);
              Optimizer plain = Optimizer.sgd(layer, PLAIN);
              Optimizer momentum = Optimizer.sgd(layer, new Sgd(0.9, true, 0))) {
            List<String> moments = List.of("m.weight", "m.bias", "v.weight", "v.bias");
            assertEquals(moments, List.copyOf(adam.state().keySet()));
            assertEquals(moments, List.copyOf(adamW.state().keySet()));
            assertEquals(List.of(), List.copyOf(plain.state().keySet()));
            assertEquals(
                List.of("velocity.weight", "velocity.bias"),
                List.copyOf(momentum.state().keySet()));
            for (Tensor tensor : adam.state().values()) {
              assertArrayEquals(new float[(int) tensor.count()], tensor.toFloats());
            }
            assertEquals(weight.shape(), adam.state().get("v.weight").shape());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> goesOnAfterTheStepsTaken() {
    return onLinear(
        (layer, weight, bias) -> {
          // Zero moments as they are before any step, but corrected as after many: the update is
          // (1 − β₁) / √(1 − β₂), not 1.
          try (Optimizer adam = Optimizer.adam(layer, new Adam(0.75, 0.75, 1e-12, 0))) {
            adam.resumeAfter(1000);
            assertEquals(1000, adam.steps());
            ParameterTest.give(weight, 4, -8);
            adam.step(1);
            assertEquals(1001, adam.steps());
            assertArrayEquals(new float[] {0.5f, 2.5f}, weight.value().toFloats(), 1e-5f);
            refused("steps must be 0 or more, but are -1", () -> adam.resumeAfter(-1));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer sgd = Optimizer.sgd(layer, PLAIN).clip(1)) {
            ParameterTest.give(weight, Float.NaN, 1);
            sgd.step(1);
            assertTrue(Double.isNaN(sgd.gradientNorm()));
            assertTrue(Float.isNaN(weight.value().toFloats()[0]));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesBadInput() {
    return onLinear(
        (layer, weight, bias) -> {
          refused("the network is null", () -> Optimizer.adam(null));
          refused("the network is null", () -> Optimizer.sgd(null, PLAIN));
          refused("settings is null", () -> Optimizer.adam(layer, null));
          refused("settings is null", () -> Optimizer.adamW(layer, null));
          refused("settings is null", () -> Optimizer.sgd(layer, null));
          refused("has no parameters to train", () -> Optimizer.adam(Activate.relu()));
          refused(
              IllegalStateException.class,
              "call initialize(device, seed)",
              () -> Optimizer.adam(new Linear(1, 1)));
          try (Optimizer adam = Optimizer.adam(layer)) {
            for (double norm : new double[] {0, -1, Double.NaN}) {
              refused("the largest norm must be above 0", () -> adam.clip(norm));
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> doesNotTouchWhatIsFreed() {
    return onLinear(
        (layer, weight, bias) -> {
          Optimizer adam = Optimizer.adam(layer);
          ParameterTest.give(weight, 1, 1);
          adam.close();
          adam.close();
          refused(IllegalStateException.class, "after it was closed", () -> adam.step(1));
          try (Optimizer other = Optimizer.adam(layer)) {
            layer.close();
            refused(IllegalStateException.class, "freed with its network", () -> other.step(1));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> adamIsPyTorchs() {
    return onLinear(
        (layer, weight, bias) -> {
          try (Optimizer usual = Optimizer.adam(layer);
              Optimizer spelled = Optimizer.adam(layer, new Adam(0.9, 0.999, 1e-8, 0))) {
            for (Optimizer adam : List.of(usual, spelled)) {
              ParameterTest.give(weight, 3, -7);
              adam.step(0.1f);
            }
            for (String name : List.of("m.weight", "v.weight")) {
              assertArrayEquals(
                  spelled.state().get(name).toFloats(), usual.state().get(name).toFloats(), name);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> leavesNothingWhereItCannotBeMade() {
    return onLinear(
        (layer, weight, bias) -> {
          Layer half = new Sequential(layer, new Linear(1, 1));
          refused(
              IllegalStateException.class,
              "call initialize(device, seed)",
              () -> Optimizer.adam(half));
          refused(
              IllegalStateException.class,
              "call initialize(device, seed)",
              () -> new MovingAverage(half, 0.9f));
        });
  }
}
