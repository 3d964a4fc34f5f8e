package io.github.glia.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/**
 * The frame of the contract suite: one body of tests, run on every device that is there, in every
 * type asked for, on many random cases. A case is a test of its own, with a seed of its own, in a
 * scope of its own, and ends with no memory in use.
 */
public abstract class KernelContract {
  /** How the names of the devices begin that are tested; all of them if it is not set. */
  private static final String ONLY = System.getProperty("glia.test.devices", "");

  /** A body of tests. */
  protected interface Body {
    void check(Case c);
  }

  protected static Stream<DynamicTest> onEveryDevice(int cases, Body body) {
    return onEveryDevice(cases, List.of(DType.F32), body);
  }

  protected static Stream<DynamicTest> onEveryDevice(int cases, List<DType> types, Body body) {
    return Device.all().stream()
        .filter(device -> device.name().startsWith(ONLY))
        .flatMap(
            device ->
                types.stream()
                    .flatMap(
                        type ->
                            IntStream.range(0, cases)
                                .mapToObj(seed -> test(device, type, seed, body))));
  }

  private static DynamicTest test(Device device, DType type, int seed, Body body) {
    return DynamicTest.dynamicTest(
        device + " " + type + " case " + seed,
        () -> {
          assumeTrue(device.computes(type), device + " does not compute in " + type);
          long before = device.memory().liveBytes();
          try (Scope scope = Scope.open()) {
            body.check(new Case(device, type, new Random(seed)));
          }
          assertEquals(before, device.memory().liveBytes(), () -> device.memory().report());
        });
  }

  /** Asserts that |actual − expected| ≤ tolerance · |expected| in the L2 norm. */
  protected static void assertClose(
      String what, double[] expected, double[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
    }
    double relative = Math.sqrt(error) / Math.max(Math.sqrt(norm), 1e-30);
    if (!(error == 0 || relative <= tolerance)) {
      throw new AssertionError(
          String.format(
              "%s: relative error %.3g, allowed %.3g; expected %s, was %s",
              what, relative, tolerance, head(expected), head(actual)));
    }
  }

  protected static void assertSame(String what, double[] expected, double[] actual) {
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != actual[i]) {
        throw new AssertionError(
            String.format("%s[%d]: expected %s, was %s", what, i, expected[i], actual[i]));
      }
    }
    assertEquals(expected.length, actual.length, what);
  }

  /** Asserts that a call is refused with a message that says this. */
  protected static void refused(String message, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static String head(double[] values) {
    return Arrays.toString(Arrays.copyOf(values, Math.min(6, values.length)));
  }
}
