package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** How parameters gather gradients, and when they do not. */
final class ParameterTest extends DeviceTests {
  private static final int BATCH = 4;

  private static Layer network() {
    return new Sequential(
        new ConvNormRelu(2, 5, 3, Norm.NONE), new ConvTranspose2d(5, 3, 2, 2), new Conv2d(3, 1, 1));
  }

  @TestFactory
  Stream<DynamicTest> microBatchesAddUpToTheLargeBatch() {
    return onEveryDevice(
        device -> {
          try (Layer network = network()) {
            network.initialize(device, 1);
            Tensor x = random(device, 2, BATCH, 7, 5, 2);
            Tensor truth = Activate.sigmoid().predict(random(device, 3, BATCH, 14, 10, 1));
            backward(network, x, truth, 1);
            Map<String, Parameter> trained = network.trained();
            Map<String, float[]> whole = gradients(trained);
            trained.values().forEach(Parameter::clearGradient);
            for (int i = 0; i < BATCH; i++) {
              backward(network, x.slice(i, i + 1), truth.slice(i, i + 1), 1f / BATCH);
            }
            Map<String, float[]> sum = gradients(trained);
            whole.forEach(
                (name, gradient) -> {
                  double error = relativeError(gradient, sum.get(name));
                  assertTrue(error <= 2e-6, name + ": relative error " + error);
                });
          }
        });
  }

  private static void backward(Layer network, Tensor x, Tensor truth, float multiple) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, 0);
      Tensor y = network.forward(tape, x);
      tape.backward(new Objective(new Bce()).forward(tape, y, truth), multiple);
    }
  }

  private static Map<String, float[]> gradients(Map<String, Parameter> parameters) {
    return parameters.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().gradient().toFloats()));
  }

  @TestFactory
  Stream<DynamicTest> addsUntilItIsCleared() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(2, 1)) {
            layer.initialize(device, 1);
            Parameter weight = layer.state().get("weight");
            assertFalse(weight.hasGradient());
            refused(IllegalStateException.class, "has no gradient: run backward", weight::gradient);
            give(weight, 1, 2);
            give(weight, 10, 20);
            assertTrue(weight.hasGradient());
            assertArrayEquals(new float[] {11, 22}, weight.gradient().toFloats());
            weight.clearGradient();
            assertFalse(weight.hasGradient());
            assertThrows(IllegalStateException.class, weight::gradient);
            give(weight, 5, 6);
            assertArrayEquals(new float[] {5, 6}, weight.gradient().toFloats());
          }
        });
  }

  static void give(Parameter parameter, float... gradient) {
    Tensor fresh = parameter.newGradient();
    fresh.copyFrom(gradient);
    parameter.add(fresh);
  }

  @TestFactory
  Stream<DynamicTest> takesTheMemoryOfOneGradient() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(100, 10)) {
            layer.initialize(device, 1);
            Parameter weight = layer.state().get("weight");
            long before = device.memory().liveBytes();
            for (int i = 0; i < 5; i++) {
              try (Scope step = Scope.open()) {
                weight.add(weight.newGradient());
              }
            }
            assertEquals(weight.value().bytes(), device.memory().liveBytes() - before);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> takesNoGradientWhileFrozen() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(2, 1)) {
            layer.initialize(device, 1);
            Parameter weight = layer.state().get("weight");
            give(weight, 1, 2);
            weight.freeze();
            assertFalse(weight.isTrained());
            assertFalse(weight.hasGradient(), "freezing forgets the gradient");
            assertEquals(Set.of("bias"), layer.trained().keySet());
            give(weight, 1, 2);
            assertFalse(weight.hasGradient());
            weight.unfreeze();
            assertTrue(weight.isTrained());
            assertFalse(weight.hasGradient(), "nothing was gathered while it was frozen");
            give(weight, 3, 4);
            assertArrayEquals(new float[] {3, 4}, weight.gradient().toFloats());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> takesNoMemoryWhileFrozen() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(100, 10)) {
            layer.initialize(device, 1);
            Parameter weight = layer.state().get("weight");
            weight.freeze();
            long before = device.memory().liveBytes();
            for (int i = 0; i < 5; i++) {
              weight.add(weight.newGradient());
            }
            assertEquals(before, device.memory().liveBytes());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> frozenConvolutionsComputeNoGradientOfWeights() {
    return onEveryDevice(
        device -> {
          try (Layer network = network()) {
            network.initialize(device, 1);
            Tensor x = random(device, 2, 1, 7, 5, 2);
            Tensor truth = Activate.sigmoid().predict(random(device, 3, 1, 14, 10, 1));
            assertTrue(computesGradientsOfWeights(device, () -> backward(network, x, truth, 1)));
            network.trained().values().forEach(Parameter::freeze);
            assertFalse(computesGradientsOfWeights(device, () -> backward(network, x, truth, 1)));
          }
        });
  }

  private static boolean computesGradientsOfWeights(Device device, Runnable work) {
    List<String> kernels = new CopyOnWriteArrayList<>();
    Backend backend = Backend.of(device);
    backend.observe((kernel, implementation, nanoseconds) -> kernels.add(kernel));
    try {
      work.run();
    } finally {
      backend.observe(null);
    }
    assertFalse(kernels.isEmpty());
    return kernels.stream().anyMatch(kernel -> kernel.contains("backwardWeights"));
  }

  @TestFactory
  Stream<DynamicTest> staysAsItIsWhenFrozenAfterTheOptimizerWasMade() {
    return onEveryDevice(
        device -> {
          try (Layer network = network();
              Optimizer optimizer = sgd(network, device)) {
            Map<String, Parameter> state = network.state();
            Parameter frozen = state.get("0.conv.weight");
            Parameter free = state.get("2.weight");
            frozen.freeze();
            float[] frozenBefore = frozen.value().toFloats();
            float[] freeBefore = free.value().toFloats();
            Tensor x = random(device, 2, 1, 4, 4, 2);
            Tensor truth = Activate.sigmoid().predict(random(device, 3, 1, 8, 8, 1));
            backward(network, x, truth, 1);
            optimizer.step(0.5f);
            assertArrayEquals(frozenBefore, frozen.value().toFloats());
            assertFalse(Arrays.equals(freeBefore, free.value().toFloats()));
          }
        });
  }

  private static Optimizer sgd(Layer network, Device device) {
    network.initialize(device, 1);
    return Optimizer.sgd(network, new Sgd(0.9, false, 0.1));
  }

  @TestFactory
  Stream<DynamicTest> saysWhatToDoWithoutAValue() {
    return onEveryDevice(
        device -> {
          Layer layer = new Linear(2, 1);
          Parameter weight = layer.state().get("weight");
          assertEquals(Shape.of(1, 2), weight.shape());
          refused(
              IllegalStateException.class,
              "a parameter [1, 2] has no value yet: call initialize(device, seed) on its network",
              weight::value);
          layer.initialize(device, 1);
          give(weight, 1, 2);
          layer.close();
          String freed = "a parameter [1, 2] was freed with its network";
          refused(IllegalStateException.class, freed, weight::value);
          refused(IllegalStateException.class, freed, weight::newGradient);
          refused(IllegalStateException.class, "has no gradient", weight::gradient);
        });
  }
}
