package io.github.glia.kernels.upsample;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class UpsampleContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static UpsampleShape shape(Case c) {
    return new UpsampleShape(
        c.between(1, 3),
        c.between(1, 9),
        c.between(1, 9),
        c.oneOf(1, 2, 3, 5, 8, 16, 17, 32, 33),
        c.between(1, 5),
        c.between(1, 5));
  }

  private static UpsamplePlan plan(Case c, UpsampleShape s, Interpolation interpolation) {
    return UpsamplePlan.on(c.device(), new UpsamplePlan.Key(s, interpolation, c.type()));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          UpsampleShape s = shape(c);
          for (Interpolation interpolation : Interpolation.values()) {
            double[] x = c.values(s.input());
            compare(c, s, interpolation, x, c.values(s.output()), c.tolerance());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> nearestIsExactOnSmallIntegers() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          UpsampleShape s = shape(c);
          double[] x = c.integers(s.input(), 4);
          compare(c, s, Interpolation.NEAREST, x, c.integers(s.output(), 4), 0);
        });
  }

  /** The weights of scales 1, 2 and 4 are eighths, so that every sum is exact in F32. */
  @TestFactory
  Stream<DynamicTest> bilinearIsExactOnSmallIntegers() {
    return onEveryDevice(
        40,
        c -> {
          UpsampleShape s =
              new UpsampleShape(
                  c.between(1, 3),
                  c.between(1, 20),
                  c.between(1, 9),
                  c.oneOf(1, 3, 16, 17),
                  c.oneOf(1, 2, 4),
                  c.oneOf(1, 2, 4));
          double[] x = c.integers(s.input(), 4);
          compare(c, s, Interpolation.BILINEAR, x, c.integers(s.output(), 4), 0);
        });
  }

  private static void compare(
      Case c,
      UpsampleShape s,
      Interpolation interpolation,
      double[] x,
      double[] dy,
      double tolerance) {
    UpsamplePlan plan = plan(c, s, interpolation);
    Tensor y = c.output(s.output());
    Tensor dx = c.output(s.input());
    plan.forward(c.tensor(s.input(), x), y);
    plan.backward(c.tensor(s.output(), dy), dx);
    String what = interpolation + " " + s;
    assertClose("y " + what, ReferenceUpsample.forward(s, interpolation, x), read(y), tolerance);
    assertClose(
        "dx " + what, ReferenceUpsample.backward(s, interpolation, dy), read(dx), tolerance);
  }

  @TestFactory
  Stream<DynamicTest> enlargesViewsThatBeginAnywhere() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          UpsampleShape s = new UpsampleShape(2, 3, 5, 16, 2, 2);
          UpsamplePlan plan = plan(c, s, Interpolation.NEAREST);
          double[] x = c.integers(s.input(), 3);
          double[] dy = c.integers(s.output(), 3);
          Tensor y = c.unaligned(s.output(), dy);
          Tensor dx = c.unaligned(s.input(), x);
          plan.forward(dx, y);
          assertSame("y", ReferenceUpsample.forward(s, Interpolation.NEAREST, x), read(y));
          plan.backward(c.unaligned(s.output(), dy), dx);
          assertSame("dx", ReferenceUpsample.backward(s, Interpolation.NEAREST, dy), read(dx));
        });
  }

  @TestFactory
  Stream<DynamicTest> repeatsTheOutermostBeyondTheEdge() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          UpsampleShape s = new UpsampleShape(1, 1, 2, 1, 1, 2);
          UpsamplePlan plan = plan(c, s, Interpolation.BILINEAR);
          Tensor y = c.output(s.output());
          Tensor dx = c.output(s.input());
          plan.forward(c.tensor(s.input(), new double[] {4, 8}), y);
          plan.backward(c.tensor(s.output(), new double[] {4, 8, 16, 32}), dx);
          assertSame("y", new double[] {4, 5, 7, 8}, read(y));
          assertSame("dx", new double[] {14, 46}, read(dx));
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          UpsampleShape s = shape(c);
          for (Interpolation interpolation : Interpolation.values()) {
            double[] dy = c.values(s.output());
            FiniteDifferences.check(
                "dx " + interpolation,
                v -> ReferenceUpsample.forward(s, interpolation, v),
                c.values(s.input()),
                dy,
                ReferenceUpsample.backward(s, interpolation, dy));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          UpsampleShape s = new UpsampleShape(1, 3, 3, 1, 2, 2);
          for (Interpolation interpolation : Interpolation.values()) {
            UpsamplePlan plan = plan(c, s, interpolation);
            double[] x = new double[9];
            x[4] = Double.NaN;
            Tensor y = c.tensor(s.output(), new double[36]);
            Tensor dx = c.tensor(s.input(), new double[9]);
            plan.forward(c.tensor(s.input(), x), y);
            plan.backward(y, dx);
            assertTrue(Double.isNaN(read(y)[2 * 6 + 2]), "y");
            assertTrue(Double.isNaN(read(y)[3 * 6 + 3]), "y");
            assertFalse(Double.isNaN(read(y)[0]), "y at the corner");
            assertTrue(Double.isNaN(read(dx)[4]), "dx");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          UpsampleShape s = new UpsampleShape(1, 16, 16, c.oneOf(17, 32, 64, 512), 2, 2);
          for (Interpolation interpolation : Interpolation.values()) {
            UpsamplePlan plan = plan(c, s, interpolation);
            Tensor x = c.output(s.input());
            Tensor y = c.output(s.output());
            plan.forward(x, y);
            plan.backward(y, x);
            plan.implementations()
                .forEach((use, name) -> assertFalse(name.startsWith("ref"), use + " is " + name));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          UpsampleShape s = new UpsampleShape(1, 3, 5, 2, 2, 3);
          for (Interpolation interpolation : Interpolation.values()) {
            UpsamplePlan plan = plan(c, s, interpolation);
            Tensor x = c.output(s.input());
            Tensor y = c.output(s.output());
            refused("x is null", () -> plan.forward(null, y));
            refused("y is null", () -> plan.forward(x, null));
            refused("y must have the shape [1, 6, 15, 2]", () -> plan.forward(x, x));
            refused("y must be F32", () -> plan.forward(x, c.output(DType.U8, s.output())));
            refused("dy must have the shape", () -> plan.backward(x, x));
            refused("dx is null", () -> plan.backward(y, null));
            y.close();
            assertThrows(IllegalStateException.class, () -> plan.forward(x, y));
            assertThrows(IllegalStateException.class, () -> plan.backward(y, x));
          }
          refused(
              "does not compute in U8",
              () ->
                  UpsamplePlan.on(
                      c.device(), new UpsamplePlan.Key(s, Interpolation.NEAREST, DType.U8)));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("batch must be at least 1", () -> new UpsampleShape(0, 8, 8, 1, 2, 2));
    refused("height must be at least 1", () -> new UpsampleShape(1, 0, 8, 1, 2, 2));
    refused("width must be at least 1", () -> new UpsampleShape(1, 8, 0, 1, 2, 2));
    refused("channels must be at least 1", () -> new UpsampleShape(1, 8, 8, 0, 2, 2));
    refused("scale height must be at least 1", () -> new UpsampleShape(1, 8, 8, 1, 0, 2));
    refused("scale width must be at least 1", () -> new UpsampleShape(1, 8, 8, 1, 2, -2));
    refused("too large for a scale", () -> new UpsampleShape(1, 8, 8, 1, Integer.MAX_VALUE, 2));
  }
}
