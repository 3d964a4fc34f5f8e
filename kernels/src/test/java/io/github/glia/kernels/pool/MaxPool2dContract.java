package io.github.glia.kernels.pool;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class MaxPool2dContract extends KernelContract {
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

  @TestFactory
  Stream<DynamicTest> takesBytesInInferenceAlone() {
    return onEveryDevice(
        20,
        List.of(DType.I8),
        c -> {
          Pool2dShape s = Pool2dCases.shape(c);
          MaxPool2dPlan plan = MaxPool2dPlan.on(c.device(), new MaxPool2dPlan.Key(s, DType.I8));
          double[] x = c.integers(s.input(), 127);
          Tensor xt = c.tensor(s.input(), x);
          Tensor y = c.output(s.output());
          plan.forward(xt, y, null);
          assertSame("y " + s, ReferenceMaxPool2d.forward(s, x), read(y));
          refused("I8 has no gradient", plan::indices);
          refused("I8 has no gradient", () -> plan.forward(xt, y, y));
          refused("I8 has no gradient", () -> plan.backward(y, y, xt));
        });
  }

  /** Few different values, so that most windows have several maxima. */
  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegersAndTakesTheFirstOfEqualMaxima() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.shape(c);
          compare(c, s, c.integers(s.input(), c.between(0, 2)), c.integers(s.output(), 3), 0);
        });
  }

  @TestFactory
  Stream<DynamicTest> isExactInTheNetwork() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(2, 2 * c.between(4, 12), 2 * c.between(4, 12), 32);
          double[] afterRelu = c.values(s.input());
          for (int i = 0; i < afterRelu.length; i++) {
            afterRelu[i] = Math.max(0, afterRelu[i]);
          }
          compare(c, s, afterRelu, c.values(s.output()), 0);
        });
  }

  /** More than 255 places in a window do not fit a byte. */
  @TestFactory
  Stream<DynamicTest> poolsLargeWindows() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          Pool2dShape s = new Pool2dShape(2, 21, 19, c.between(1, 20), 17, 18, 2, 1, 3, 9);
          compare(c, s, c.integers(s.input(), 40), c.integers(s.output(), 1), 0);
          compareNotFinite(c, s);
        });
  }

  @TestFactory
  Stream<DynamicTest> takesNanBeforeEveryNumberAndKnowsInfinities() {
    return onEveryDevice(40, TYPES, c -> compareNotFinite(c, Pool2dCases.shape(c)));
  }

  private static void compareNotFinite(Case c, Pool2dShape s) {
    double[] x = c.integers(s.input(), 2);
    double rare = c.oneOf(1.0, 0.5, 0.1);
    for (int i = 0; i < x.length; i++) {
      if (c.random().nextDouble() < rare) {
        x[i] = c.oneOf(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
      }
    }
    compare(c, s, x, c.integers(s.output(), 1), 0);
  }

  @TestFactory
  Stream<DynamicTest> poolsViewsThatBeginAnywhere() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(2, 4, 6, 16);
          MaxPool2dPlan plan = MaxPool2dPlan.on(c.device(), new MaxPool2dPlan.Key(s, c.type()));
          double[] x = c.integers(s.input(), 3);
          double[] dy = c.integers(s.output(), 3);
          Tensor y = c.unaligned(s.output(), dy);
          Tensor indices = Tensor.empty(c.device(), DType.U8, plan.indices());
          Tensor dx = c.unaligned(s.input(), x);
          plan.forward(dx, y, indices);
          assertSame("y", ReferenceMaxPool2d.forward(s, x), read(y));
          plan.backward(c.unaligned(s.output(), dy), indices, dx);
          assertSame("dx", ReferenceMaxPool2d.backward(s, x, dy), read(dx));
        });
  }

  @TestFactory
  Stream<DynamicTest> takesAnInfinityFromAWindowOfNothingElse() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(1, 4, 4, 3);
          double[] x = new double[(int) s.input().count()];
          Arrays.fill(x, Double.NEGATIVE_INFINITY);
          compare(c, s, x, c.integers(s.output(), 3), 0);
        });
  }

  private static void compare(Case c, Pool2dShape s, double[] x, double[] dy, double tolerance) {
    MaxPool2dPlan plan = MaxPool2dPlan.on(c.device(), new MaxPool2dPlan.Key(s, c.type()));
    Tensor xt = c.tensor(s.input(), x);
    Tensor y = c.output(s.output());
    Tensor inferred = c.output(s.output());
    Tensor indices = Tensor.empty(c.device(), DType.U8, plan.indices());
    Tensor dx = c.output(s.input());
    plan.forward(xt, y, indices);
    plan.forward(xt, inferred, null);
    plan.backward(c.tensor(s.output(), dy), indices, dx);
    assertArrayEquals(ReferenceMaxPool2d.forward(s, x), read(y), 0, () -> "y " + s);
    assertArrayEquals(read(y), read(inferred), 0, () -> "y without indices " + s);
    assertClose("dx " + s, ReferenceMaxPool2d.backward(s, x, dy), read(dx), tolerance);
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          Pool2dShape s = Pool2dCases.shape(c);
          double[] x = c.values(s.input());
          double[] dy = c.values(s.output());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceMaxPool2d.forward(s, v),
              x,
              dy,
              ReferenceMaxPool2d.backward(s, x, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          Pool2dShape s = Pool2dCases.halving(1, 32, 32, c.oneOf(17, 32, 64, 512));
          MaxPool2dPlan plan = MaxPool2dPlan.on(c.device(), new MaxPool2dPlan.Key(s, c.type()));
          Tensor x = c.tensor(s.input(), c.values(s.input()));
          Tensor y = c.output(s.output());
          Tensor indices = Tensor.empty(c.device(), DType.U8, plan.indices());
          plan.forward(x, y, indices);
          plan.forward(x, y, null);
          plan.backward(y, indices, x);
          Pool2dCases.assertFast(plan);
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Pool2dShape s = Pool2dCases.halving(1, 8, 6, 3);
          MaxPool2dPlan plan = MaxPool2dPlan.on(c.device(), new MaxPool2dPlan.Key(s, c.type()));
          Tensor x = c.output(s.input());
          Tensor y = c.output(s.output());
          Tensor indices = Tensor.empty(c.device(), DType.U8, plan.indices());
          refused("x is null", () -> plan.forward(null, y, indices));
          refused("y is null", () -> plan.forward(x, null, indices));
          refused("x must have the shape [1, 8, 6, 3]", () -> plan.forward(y, y, indices));
          refused("y must be F32", () -> plan.forward(x, c.output(DType.U8, s.output()), indices));
          refused("indices must be U8", () -> plan.forward(x, y, c.output(plan.indices())));
          refused(
              "indices must have the shape",
              () -> plan.forward(x, y, c.output(DType.U8, Shape.of(1))));
          refused("dy is null", () -> plan.backward(null, indices, x));
          refused("indices is null", () -> plan.backward(y, null, x));
          refused("dx is null", () -> plan.backward(y, indices, null));
          refused(
              "does not compute in U8",
              () -> MaxPool2dPlan.on(c.device(), new MaxPool2dPlan.Key(s, DType.U8)));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, y, indices));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("batch must be at least 1", () -> new Pool2dShape(0, 8, 8, 1, 2, 2, 2, 2, 0, 0));
    refused("height must be at least 1", () -> new Pool2dShape(1, -8, 8, 1, 2, 2, 2, 2, 0, 0));
    refused("width must be at least 1", () -> new Pool2dShape(1, 8, 0, 1, 2, 2, 2, 2, 0, 0));
    refused("channels must be at least 1", () -> new Pool2dShape(1, 8, 8, 0, 2, 2, 2, 2, 0, 0));
    refused("kernel height must be at", () -> new Pool2dShape(1, 8, 8, 1, 0, 2, 2, 2, 0, 0));
    refused("kernel width must be at", () -> new Pool2dShape(1, 8, 8, 1, 2, 0, 2, 2, 0, 0));
    refused("stride height must be at", () -> new Pool2dShape(1, 8, 8, 1, 2, 2, 0, 2, 0, 0));
    refused("stride width must be at", () -> new Pool2dShape(1, 8, 8, 1, 2, 2, 2, 0, 0, 0));
    refused("padding height must be at", () -> new Pool2dShape(1, 8, 8, 1, 2, 2, 2, 2, -1, 0));
    refused("padding width must be at", () -> new Pool2dShape(1, 8, 8, 1, 2, 2, 2, 2, 0, -1));
    refused("more than half of the kernel", () -> new Pool2dShape(1, 8, 8, 1, 3, 3, 2, 2, 2, 1));
    refused("more than half of the kernel", () -> new Pool2dShape(1, 8, 8, 1, 3, 3, 2, 2, 1, 2));
    refused("larger than the image of 8×8", () -> new Pool2dShape(1, 8, 8, 1, 9, 2, 2, 2, 0, 0));
    refused(
        "larger than the image",
        () -> new Pool2dShape(1, 8, 8, 1, 2, Integer.MAX_VALUE, 2, 2, 0, 0));
  }
}
