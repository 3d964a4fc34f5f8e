package io.github.glia.kernels.pool;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class AvgPool2dContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.shape(c);
          compare(c, s, c.values(s.input()), c.values(s.output()), c.tolerance());
        });
  }

  /** Windows of 2×2, 4×2, 2×4 and 4×4: their averages of small integers are exact. */
  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          int height = c.oneOf(2, 4);
          int width = c.oneOf(2, 4);
          Pool2dShape s =
              new Pool2dShape(
                  c.between(1, 3),
                  c.between(4, 13),
                  c.between(4, 13),
                  c.oneOf(1, 3, 8, 16, 17, 32),
                  height,
                  width,
                  c.between(1, 4),
                  c.between(1, 4),
                  c.between(0, height / 2),
                  c.between(0, width / 2));
          compare(c, s, c.integers(s.input(), 4), c.integers(s.output(), 4), 0);
        });
  }

  private static void compare(Case c, Pool2dShape s, double[] x, double[] dy, double tolerance) {
    for (boolean countPadding : new boolean[] {true, false}) {
      AvgPool2dPlan plan =
          AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), countPadding));
      Tensor y = c.output(s.output());
      Tensor dx = c.output(s.input());
      plan.forward(c.tensor(s.input(), x), y);
      plan.backward(c.tensor(s.output(), dy), dx);
      double[] expectedY = ReferenceAvgPool2d.forward(s, countPadding, x);
      double[] expectedDx = ReferenceAvgPool2d.backward(s, countPadding, dy);
      // Without padding the area may be 3 or 6, and a quotient by it is not exact.
      double allowed = countPadding ? tolerance : Math.max(tolerance, c.tolerance());
      assertClose("y " + s, expectedY, read(y), allowed);
      assertClose("dx " + s, expectedDx, read(dx), allowed);
    }
  }

  @TestFactory
  Stream<DynamicTest> poolsViewsThatBeginAnywhere() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(2, 4, 6, 16);
          AvgPool2dPlan plan =
              AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), true));
          double[] x = c.integers(s.input(), 3);
          double[] dy = c.integers(s.output(), 3);
          Tensor y = c.unaligned(s.output(), dy);
          Tensor dx = c.unaligned(s.input(), x);
          plan.forward(dx, y);
          assertSame("y", ReferenceAvgPool2d.forward(s, true, x), read(y));
          plan.backward(c.unaligned(s.output(), dy), dx);
          assertSame("dx", ReferenceAvgPool2d.backward(s, true, dy), read(dx));
        });
  }

  @TestFactory
  Stream<DynamicTest> countsPaddingInTheAverageWhereAsked() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Pool2dShape s = new Pool2dShape(1, 2, 2, 1, 2, 2, 2, 2, 1, 1);
          AvgPool2dPlan plan =
              AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), true));
          Tensor y = c.output(s.output());
          plan.forward(c.tensor(s.input(), new double[] {4, 8, 12, 16}), y);
          assertSame("y", new double[] {1, 2, 3, 4}, read(y));
          AvgPool2dPlan inside =
              AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), false));
          inside.forward(c.tensor(s.input(), new double[] {4, 8, 12, 16}), y);
          assertSame("y", new double[] {4, 8, 12, 16}, read(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          Pool2dShape s = Pool2dCases.shape(c);
          boolean countPadding = c.random().nextBoolean();
          double[] dy = c.values(s.output());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceAvgPool2d.forward(s, countPadding, v),
              c.values(s.input()),
              dy,
              ReferenceAvgPool2d.backward(s, countPadding, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(1, 4, 4, 1);
          AvgPool2dPlan plan =
              AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), true));
          double[] x = new double[16];
          x[5] = Double.NaN;
          Tensor y = c.tensor(s.output(), new double[4]);
          Tensor dx = c.tensor(s.input(), new double[16]);
          plan.forward(c.tensor(s.input(), x), y);
          plan.backward(y, dx);
          for (int i = 0; i < 4; i++) {
            assertEquals(i == 0, Double.isNaN(read(y)[i]), "y " + i);
          }
          for (int i = 0; i < 16; i++) {
            assertEquals(
                i == 0 || i == 1 || i == 4 || i == 5, Double.isNaN(read(dx)[i]), "dx " + i);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(1, 32, 32, c.oneOf(17, 32, 64, 512));
          AvgPool2dPlan plan =
              AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), true));
          Tensor x = c.output(s.input());
          Tensor y = c.output(s.output());
          plan.forward(x, y);
          plan.backward(y, x);
          Pool2dCases.assertFast(plan);
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Pool2dShape s = Pool2dCases.halving(1, 8, 6, 3);
          AvgPool2dPlan plan =
              AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, c.type(), true));
          Tensor x = c.output(s.input());
          Tensor y = c.output(s.output());
          refused("x is null", () -> plan.forward(null, y));
          refused("y is null", () -> plan.forward(x, null));
          refused("x must have the shape [1, 8, 6, 3]", () -> plan.forward(y, y));
          refused("y must be F32", () -> plan.forward(x, c.output(DType.U8, s.output())));
          refused("dy must have the shape [1, 4, 3, 3]", () -> plan.backward(x, x));
          refused("dx is null", () -> plan.backward(y, null));
          refused(
              "does not compute in U8",
              () -> AvgPool2dPlan.on(c.device(), new AvgPool2dPlan.Key(s, DType.U8, true)));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, y));
        });
  }
}
