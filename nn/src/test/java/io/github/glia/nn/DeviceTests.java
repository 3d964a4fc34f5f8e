package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/**
 * The frame of the tests of networks: a body runs on every device that is there, in a scope of its
 * own, and ends with no memory in use.
 */
abstract class DeviceTests {
  /** A body of tests. */
  interface Body {
    void run(Device device) throws Exception;
  }

  static Stream<DynamicTest> onEveryDevice(Body body) {
    return onEveryDevice("", body);
  }

  /** All devices, or those whose names begin with the property {@code glia.test.devices}. */
  static List<Device> devices() {
    String only = System.getProperty("glia.test.devices", "");
    return Device.all().stream().filter(device -> device.name().startsWith(only)).toList();
  }

  static Stream<DynamicTest> onEveryDevice(String name, Body body) {
    return devices().stream()
        .map(
            device ->
                DynamicTest.dynamicTest(
                    (name + " on " + device).strip(),
                    () -> {
                      long before = device.memory().liveBytes();
                      try (Scope scope = Scope.open()) {
                        body.run(device);
                      }
                      assertEquals(
                          before, device.memory().liveBytes(), () -> device.memory().report());
                    }));
  }

  /** An F32 tensor of normal random numbers. */
  static Tensor random(Device device, long seed, int... sizes) {
    return Tensor.of(device, Shape.of(sizes), gaussian(seed, Shape.of(sizes)));
  }

  /** The same, but no number is nearer to 0 than 0.2: ReLUs have no kink nearby. */
  static Tensor randomAwayFromZero(Device device, long seed, int... sizes) {
    float[] values = gaussian(seed, Shape.of(sizes));
    for (int i = 0; i < values.length; i++) {
      values[i] += Math.copySign(0.2f, values[i]);
    }
    return Tensor.of(device, Shape.of(sizes), values);
  }

  /** Different numbers, each 0.1 from the next, in random order: windows have one largest. */
  static Tensor shuffled(Device device, long seed, int... sizes) {
    float[] values = new float[(int) Shape.of(sizes).count()];
    Philox random = new Philox(seed, 0);
    for (int i = 0; i < values.length; i++) {
      int j = random.nextInt(i + 1);
      values[i] = values[j];
      values[j] = 0.1f * (i - values.length / 2);
    }
    return Tensor.of(device, Shape.of(sizes), values);
  }

  static float[] gaussian(long seed, Shape shape) {
    Philox random = new Philox(seed, 0);
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  /** A parameter or statistic by its name. */
  static Tensor value(Layer layer, String name) {
    return layer.state().get(name).value();
  }

  static Tensor inType(Tensor x, DType type) {
    return Tensor.of(x.device(), type, x.shape(), x.toFloats());
  }

  /** |actual − expected| / |expected| in the L2 norm. */
  static double relativeError(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = (double) actual[i] - expected[i];
      error += difference * difference;
      norm += (double) expected[i] * expected[i];
    }
    return error == 0 ? 0 : Math.sqrt(error / norm);
  }

  static void assertClose(Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape());
    double error = relativeError(expected.toFloats(), actual.toFloats());
    assertTrue(error <= tolerance, "relative error " + error + ", allowed " + tolerance);
  }

  /** Asserts that an argument is refused with a message that says this. */
  static void refused(String message, Executable call) {
    refused(IllegalArgumentException.class, message, call);
  }

  static void refused(Class<? extends Exception> as, String message, Executable call) {
    Exception e = assertThrows(as, call);
    assertTrue(e.getMessage() != null && e.getMessage().contains(message), e::toString);
  }
}
