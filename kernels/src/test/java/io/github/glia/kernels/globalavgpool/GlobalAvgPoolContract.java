package io.github.glia.kernels.globalavgpool;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

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

final class GlobalAvgPoolContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static GlobalAvgPoolShape shape(Case c) {
    return new GlobalAvgPoolShape(
        c.between(1, 3),
        c.between(1, 13),
        c.between(1, 13),
        c.oneOf(1, 2, 3, 5, 8, 16, 17, 32, 33));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          GlobalAvgPoolShape s = shape(c);
          compare(c, s, c.values(s.input()), c.values(s.output()), c.tolerance());
        });
  }

  /** Images of a power of two many places: the averages of small integers are exact. */
  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(
        40,
        c -> {
          GlobalAvgPoolShape s =
              new GlobalAvgPoolShape(
                  c.between(1, 3), c.oneOf(1, 2, 4, 16), c.oneOf(1, 2, 8), c.oneOf(1, 3, 16, 17));
          compare(c, s, c.integers(s.input(), 4), c.integers(s.output(), 4), 0);
        });
  }

  /** Averages of many values around 1, where a sum in the type itself would stand still. */
  @TestFactory
  Stream<DynamicTest> addsUpInF32() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          GlobalAvgPoolShape s = new GlobalAvgPoolShape(1, 128, 96, c.oneOf(3, 16));
          double[] x = c.values(s.input());
          for (int i = 0; i < x.length; i++) {
            x[i] = 1 + c.between(0, 64) / 64.0;
          }
          compare(c, s, x, c.values(s.output()), c.tolerance());
        });
  }

  /** More channels than the threads of a block. */
  @TestFactory
  Stream<DynamicTest> averagesThousandsOfChannels() {
    return onEveryDevice(
        3,
        TYPES,
        c -> {
          GlobalAvgPoolShape s =
              new GlobalAvgPoolShape(2, 3, c.between(1, 40), c.oneOf(300, 2056, 4096));
          compare(c, s, c.values(s.input()), c.values(s.output()), c.tolerance());
        });
  }

  private static void compare(
      Case c, GlobalAvgPoolShape s, double[] x, double[] dy, double tolerance) {
    GlobalAvgPoolPlan plan =
        GlobalAvgPoolPlan.on(c.device(), new GlobalAvgPoolPlan.Key(s, c.type()));
    Tensor y = c.output(s.output());
    Tensor dx = c.output(s.input());
    plan.forward(c.tensor(s.input(), x), y);
    plan.backward(c.tensor(s.output(), dy), dx);
    assertClose("y " + s, ReferenceGlobalAvgPool.forward(s, x), read(y), tolerance);
    assertClose("dx " + s, ReferenceGlobalAvgPool.backward(s, dy), read(dx), tolerance);
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          GlobalAvgPoolShape s = shape(c);
          double[] dy = c.values(s.output());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceGlobalAvgPool.forward(s, v),
              c.values(s.input()),
              dy,
              ReferenceGlobalAvgPool.backward(s, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          GlobalAvgPoolShape s = new GlobalAvgPoolShape(2, 3, 5, 3);
          GlobalAvgPoolPlan plan =
              GlobalAvgPoolPlan.on(c.device(), new GlobalAvgPoolPlan.Key(s, c.type()));
          double[] x = c.values(s.input());
          x[45 + 22] = Double.NaN;
          Tensor y = c.tensor(s.output(), new double[6]);
          plan.forward(c.tensor(s.input(), x), y);
          for (int i = 0; i < 6; i++) {
            assertEquals(i == 4, Double.isNaN(read(y)[i]), "y " + i);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          GlobalAvgPoolShape s = new GlobalAvgPoolShape(1, 32, 32, c.oneOf(17, 32, 64, 512));
          GlobalAvgPoolPlan plan =
              GlobalAvgPoolPlan.on(c.device(), new GlobalAvgPoolPlan.Key(s, c.type()));
          Tensor x = c.output(s.input());
          Tensor y = c.output(s.output());
          plan.forward(x, y);
          plan.backward(y, x);
          plan.implementations()
              .forEach((use, name) -> assertFalse(name.startsWith("ref"), use + " is " + name));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          GlobalAvgPoolShape s = new GlobalAvgPoolShape(2, 3, 5, 3);
          GlobalAvgPoolPlan plan =
              GlobalAvgPoolPlan.on(c.device(), new GlobalAvgPoolPlan.Key(s, c.type()));
          Tensor x = c.output(s.input());
          Tensor y = c.output(s.output());
          refused("globalavgpool forward: x is null", () -> plan.forward(null, y));
          refused("y is null", () -> plan.forward(x, null));
          refused("y must have the shape [2, 1, 1, 3]", () -> plan.forward(x, x));
          refused("y must be F32", () -> plan.forward(x, c.output(DType.U8, s.output())));
          refused("globalavgpool backward: dy must have", () -> plan.backward(x, x));
          refused("dx is null", () -> plan.backward(y, null));
          refused(
              "does not compute in U8",
              () -> GlobalAvgPoolPlan.on(c.device(), new GlobalAvgPoolPlan.Key(s, DType.U8)));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, y));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("batch must be at least 1", () -> new GlobalAvgPoolShape(0, 8, 8, 1));
    refused("height must be at least 1", () -> new GlobalAvgPoolShape(1, 0, 8, 1));
    refused("width must be at least 1", () -> new GlobalAvgPoolShape(1, 8, -1, 1));
    refused("channels must be at least 1", () -> new GlobalAvgPoolShape(1, 8, 8, 0));
  }
}
