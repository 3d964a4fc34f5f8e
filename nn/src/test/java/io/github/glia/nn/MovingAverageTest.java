package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Averages of parameters and statistics over time. */
final class MovingAverageTest extends DeviceTests {
  @TestFactory
  Stream<DynamicTest> averagesParametersAndStatistics() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new BatchNorm2d(1)) {
            layer.initialize(device, 1);
            try (MovingAverage average = new MovingAverage(layer, 0.75f)) {
              assertEquals(layer.state().keySet(), average.state().keySet());
              set(layer, 5, 4, 8, 9);
              average.update();
              requireAverages(average, 0.75f + 1.25f, 1, 2, 0.75f + 2.25f);
              set(layer, 2, 1, 2, 3);
              average.update();
              requireAverages(average, 2, 1, 2, 3);
              set(layer, 6, 5, -2, 7);
              average.update();
              requireAverages(average, 3, 2, 1, 4);
              assertEquals(6, value(layer, "weight").item(), "the network is not touched");
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> forgetsTheFirstStepsSooner() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new BatchNorm2d(1)) {
            layer.initialize(device, 1);
            try (MovingAverage average = new MovingAverage(layer, 0.75f)) {
              set(layer, 10, 20, 30, 40);
              average.update(2L); // 3 of 12 of what was: 1, 0, 0, 1
              requireAverages(average, 7.75f, 15, 22.5f, 30.25f);
              set(layer, 0, 0, 0, 0);
              average.update(8L); // 9 of 18
              requireAverages(average, 3.875f, 7.5f, 11.25f, 15.125f);
              average.update(1000L); // 0.75 is less than 1001 of 1010
              requireAverages(average, 2.90625f, 5.625f, 8.4375f, 11.34375f);
              refused("steps must be 0 or more", () -> average.update(-1L));
            }
          }
        });
  }

  private static void set(Layer layer, float... values) {
    int i = 0;
    for (Parameter parameter : layer.state().values()) {
      parameter.value().copyFrom(new float[] {values[i++]});
    }
  }

  private static void requireAverages(MovingAverage average, float... expected) {
    int i = 0;
    for (Tensor tensor : average.state().values()) {
      assertEquals(expected[i++], tensor.item());
    }
  }

  @TestFactory
  Stream<DynamicTest> swapsForthAndBack() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new ConvNormRelu(2, 3, 3, Norm.BATCH)) {
            layer.initialize(device, 1);
            try (MovingAverage average = new MovingAverage(layer, 0.5f)) {
              Map<String, float[]> first = new LinkedHashMap<>();
              layer.state().forEach((name, p) -> first.put(name, p.value().toFloats()));
              Tensor x = random(device, 1, 1, 5, 5, 2);
              layer.forward(Tape.training(1, 0), x);
              value(layer, "conv.weight").zero();
              Map<String, float[]> last = new LinkedHashMap<>();
              layer.state().forEach((name, p) -> last.put(name, p.value().toFloats()));
              average.swap();
              layer
                  .state()
                  .forEach(
                      (name, p) -> {
                        assertArrayEquals(first.get(name), p.value().toFloats(), name);
                        assertArrayEquals(
                            last.get(name), average.state().get(name).toFloats(), name);
                      });
              average.swap();
              layer
                  .state()
                  .forEach((name, p) -> assertArrayEquals(last.get(name), p.value().toFloats()));
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesBadInput() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(2, 1)) {
            refused(
                IllegalStateException.class,
                "call initialize(device, seed)",
                () -> new MovingAverage(layer, 0.5f));
            layer.initialize(device, 1);
            for (float decay : new float[] {-0.1f, 1, Float.NaN}) {
              refused("decay must be in [0, 1)", () -> new MovingAverage(layer, decay));
            }
            refused("the network is null", () -> new MovingAverage(null, 0.5f));
            refused("has no parameters", () -> new MovingAverage(Activate.relu(), 0.5f));
            try (MovingAverage average = new MovingAverage(layer, 0.5f)) {
              layer.close();
              refused(IllegalStateException.class, "freed with its network", average::update);
              refused(IllegalStateException.class, "freed with its network", average::swap);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> followsANetworkThatIsInitializedAgain() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Linear(1, 1)) {
            layer.initialize(device, 1);
            try (MovingAverage average = new MovingAverage(layer, 0)) {
              layer.initialize(device, 2);
              average.update();
              assertArrayEquals(
                  value(layer, "weight").toFloats(), average.state().get("weight").toFloats());
            }
          }
        });
  }
}
