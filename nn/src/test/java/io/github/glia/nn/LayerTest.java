package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.update.Sgd;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The life of a layer: made, initialized, used, closed. */
final class LayerTest extends DeviceTests {
  private static Layer network() {
    return new Sequential(
        new ConvNormRelu(3, 4, 3, Norm.BATCH),
        new Sequential(new MaxPool2d(2), new ConvNormRelu(4, 4, 3, Norm.GROUP)),
        new ConvTranspose2d(4, 2, 2, 2),
        new Linear(2, 1));
  }

  private static Map<String, float[]> values(Layer layer) {
    Map<String, float[]> values = new LinkedHashMap<>();
    layer.state().forEach((name, parameter) -> values.put(name, parameter.value().toFloats()));
    return values;
  }

  @Test
  void namesItsStateInOrder() {
    Layer network = network();
    assertEquals(
        List.of(
            "0.conv.weight",
            "0.norm.weight",
            "0.norm.bias",
            "0.norm.running_mean",
            "0.norm.running_var",
            "1.1.conv.weight",
            "1.1.norm.weight",
            "1.1.norm.bias",
            "2.weight",
            "2.bias",
            "3.weight",
            "3.bias"),
        List.copyOf(network.state().keySet()));
    List<String> trained = new ArrayList<>(network.state().keySet());
    trained.removeIf(name -> name.contains("running"));
    assertEquals(trained, List.copyOf(network.trained().keySet()));
    assertEquals(List.of("0", "1", "2", "3"), List.copyOf(network.children().keySet()));
    assertEquals(Shape.of(4, 3, 3, 3), network.state().get("0.conv.weight").shape());
  }

  @TestFactory
  Stream<DynamicTest> initializesTheSameForTheSameSeed() {
    return onEveryDevice(
        device -> {
          try (Layer a = network();
              Layer b = network();
              Layer other = network()) {
            a.initialize(device, 1);
            b.initialize(device, 1);
            other.initialize(device, 2);
            Map<String, float[]> bits = values(b);
            Map<String, float[]> otherBits = values(other);
            values(a)
                .forEach(
                    (name, v) -> {
                      assertArrayEquals(v, bits.get(name), name);
                      boolean drawn =
                          (name.endsWith("weight") && !name.contains("norm"))
                              || name.startsWith("2.")
                              || name.startsWith("3.");
                      assertEquals(!drawn, Arrays.equals(v, otherBits.get(name)), name);
                    });
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> drawsOtherNumbersForEachParameter() {
    return onEveryDevice(
        device -> {
          try (Layer two = new Sequential(new Conv2d(2, 2, 3), new Conv2d(2, 2, 3))) {
            two.initialize(device, 1);
            Map<String, float[]> values = values(two);
            assertFalse(Arrays.equals(values.get("0.weight"), values.get("1.weight")));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> initializesAgainAsIfNew() {
    return onEveryDevice(
        device -> {
          try (Layer network = network()) {
            network.initialize(device, 1);
            long once = device.memory().liveBytes();
            Map<String, float[]> first = values(network);
            Tensor x = random(device, 2, 1, 4, 4, 3);
            network.predict(x).close();
            Tape tape = Tape.training(1, 0);
            Tensor y = network.forward(tape, x);
            tape.backward(y, y.emptyLike());
            y.close();
            x.close();
            network.initialize(device, 1);
            assertEquals(once, device.memory().liveBytes(), "what it had is freed");
            values(network).forEach((name, v) -> assertArrayEquals(first.get(name), v, name));
            network.trained().values().forEach(p -> assertFalse(p.hasGradient()));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> closeFreesEverything() {
    return onEveryDevice(
        device -> {
          long before = device.memory().liveBytes();
          Layer network = network();
          network.initialize(device, 1);
          assertTrue(device.memory().liveBytes() > before);
          Tensor x = random(device, 2, 1, 4, 4, 3);
          Tensor y = network.predict(x);
          Tape tape = Tape.training(1, 0);
          Tensor trained = network.forward(tape, x);
          tape.backward(trained, trained.emptyLike());
          for (Tensor tensor : List.of(x, y, trained)) {
            tensor.close();
          }
          network.close();
          network.close();
          assertEquals(before, device.memory().liveBytes(), () -> device.memory().report());
        });
  }

  @TestFactory
  Stream<DynamicTest> saysWhatToDoBeforeInitializeAndAfterClose() {
    return Stream.of(
            new Conv2d(3, 2, 1),
            new ConvTranspose2d(3, 2, 2, 2),
            new ConvNormRelu(3, 2, 3, Norm.BATCH),
            new ConvNormRelu(3, 2, 3, Norm.INSTANCE),
            new BatchNorm2d(3),
            new GroupNorm(1, 3),
            (Layer) new Linear(3, 2))
        .flatMap(
            layer ->
                onEveryDevice(
                    layer.name(),
                    device -> {
                      Tensor x = random(device, 1, 1, 4, 4, 3);
                      bothWays(layer, x, "has no value yet: call initialize(device, seed)");
                      layer.initialize(device, 1);
                      layer.predict(x);
                      layer.close();
                      bothWays(layer, x, "was freed with its network");
                    }));
  }

  private static void bothWays(Layer layer, Tensor x, String message) {
    refused(IllegalStateException.class, message, () -> layer.predict(x));
    refused(IllegalStateException.class, message, () -> layer.forward(Tape.training(1, 0), x));
  }

  @TestFactory
  Stream<DynamicTest> sequentialFreesWhatLiesBetween() {
    return onEveryDevice(
        device -> {
          Tensor x = random(device, 1, 1, 4, 4, 2);
          try (Sequential layers =
              new Sequential(Activate.relu(), new AvgPool2d(2), Activate.sigmoid())) {
            long before = device.memory().liveBytes();
            Tensor y = layers.predict(x);
            assertEquals(y.bytes(), device.memory().liveBytes() - before);
            assertFalse(x.isClosed(), "the input is the caller's");

            Tape tape = Tape.training(1, 0);
            tape.watch(x);
            long start = device.memory().liveBytes();
            Tensor trained = layers.forward(tape, x);
            // ReLU and sigmoid need their outputs, pooling and its output are of no more use.
            assertEquals(x.bytes() + trained.bytes(), device.memory().liveBytes() - start);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> sequentialPassesThroughWhatDoesNothing() {
    return onEveryDevice(
        device -> {
          Tensor x = random(device, 1, 1, 4, 4, 2);
          assertSame(x, new Sequential().predict(x));
          assertSame(x, new Sequential(new Dropout(0.5f)).predict(x));
          Tensor y =
              new Sequential(Activate.relu(), new Dropout(0.5f), new Dropout(0.5f)).predict(x);
          assertFalse(y.isClosed());
          assertFalse(x.isClosed());
        });
  }

  @Test
  void refusesNamesThatAreTaken() {
    assertThrows(IllegalArgumentException.class, TwoParts::new);
    refused(
        "has two parameters named w",
        () ->
            new Layer() {
              {
                learned("w", Shape.of(1), Initializer.constant(0));
                statistic("w", Shape.of(1), Initializer.constant(0));
              }

              @Override
              protected Tensor compute(Tape tape, Tensor x) {
                return x;
              }
            });
  }

  private static final class TwoParts extends Layer {
    TwoParts() {
      add("a", Activate.relu());
      add("a", Activate.relu());
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      return x;
    }
  }

  @TestFactory
  Stream<DynamicTest> keepsItsParametersWhenInitializeIsRefused() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(2, 1)) {
            layer.initialize(device, 1);
            refused("the device is null", () -> layer.initialize((Device) null, 1));
            assertEquals(2, value(layer, "weight").count());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aLayerInTwoPlacesIsOne() {
    return onEveryDevice(
        device -> {
          Linear shared = new Linear(1, 1);
          try (Layer network = new Sequential(shared, shared)) {
            network.initialize(device, 1);
            assertEquals(List.of("0.weight", "0.bias"), List.copyOf(network.state().keySet()));
            value(network, "0.weight").copyFrom(new float[] {3});
            value(network, "0.bias").copyFrom(new float[] {1});
            try (Optimizer sgd = Optimizer.sgd(network, new Sgd(0, false, 0));
                MovingAverage average = new MovingAverage(network, 0.5f)) {
              // y = w (w x + b) + b, so dy/dw = 2 w x + b and dy/db = w + 1.
              Tape tape = Tape.training(1, 0);
              Tensor y = network.forward(tape, Tensor.of(device, Shape.of(1, 1), 2));
              assertEquals(22, y.item());
              tape.backward(y, Tensor.of(device, y.shape(), 1));
              sgd.step(1);
              assertEquals(3 - 13, value(network, "0.weight").item(), "one step, not two");
              assertEquals(1 - 4, value(network, "0.bias").item());
              average.update();
              average.swap();
              assertEquals((3 - 10) / 2f, value(network, "0.weight").item());
              average.swap();
              assertEquals(-10, value(network, "0.weight").item());
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> batchNormMovesItsRunningStatistics() {
    return onEveryDevice(
        device -> {
          try (Layer norm = new BatchNorm2d(1, 1e-5f, 0.25f, false)) {
            norm.initialize(device, 1);
            norm.forward(Tape.training(1, 0), Tensor.of(device, Shape.of(1, 1, 2, 1), 8, 12));
            assertEquals(0.25f * 10, value(norm, "running_mean").item());
            assertEquals(0.75f + 0.25f * 8, value(norm, "running_var").item(), "the unbiased one");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> windowsMayBeOfAnyShape() {
    return onEveryDevice(
        device -> {
          Tensor x = Tensor.zeros(device, DType.F32, Shape.of(1, 9, 13, 2));
          Window window = new Window(2, 5, 1, 3, 1, 2);
          Shape expected = Shape.of(1, 9 + 2 - 2 + 1, (13 + 4 - 5) / 3 + 1, 2);
          for (Layer pool : List.of(new MaxPool2d(window), new AvgPool2d(window, true))) {
            assertEquals(expected, pool.predict(x).shape());
          }
        });
  }
}
