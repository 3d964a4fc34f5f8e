package io.github.glia.kernels.conv;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.cpu.SharedMemory;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class Conv2dContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static Conv2dShape shape(Case c) {
    while (true) {
      int groups = c.oneOf(1, 1, 1, 2, 3);
      try {
        return new Conv2dShape(
            c.between(1, 3),
            c.between(1, 13),
            c.between(1, 13),
            groups * c.oneOf(1, 2, 3, 5, 8, 16, 17),
            groups * c.oneOf(1, 2, 3, 7, 8, 16, 19),
            c.between(1, 4),
            c.between(1, 4),
            c.between(1, 3),
            c.between(1, 3),
            c.between(0, 3),
            c.between(0, 3),
            c.between(1, 2),
            c.between(1, 2),
            groups);
      } catch (IllegalArgumentException kernelLargerThanImage) {
        // draw again
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(60, TYPES, c -> compare(c, shape(c), false));
  }

  @TestFactory
  Stream<DynamicTest> matchesWhereImplementationsOfOneDnnDoNot() {
    return onEveryDevice(100, TYPES, c -> compare(c, UnusualConvolutions.draw(c), false));
  }

  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(60, c -> compare(c, shape(c), true));
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        6,
        TYPES,
        c -> {
          int channels = c.oneOf(32, 64);
          compare(c, Conv2dShape.same(2, 24, 20, c.oneOf(3, channels), channels, 3), false);
          compare(c, Conv2dShape.same(1, 17, 16, channels, 1, 1), false);
        });
  }

  private static void compare(Case c, Conv2dShape s, boolean integers) {
    boolean bias = c.random().nextBoolean();
    boolean relu = c.random().nextBoolean();
    DType out = c.random().nextInt(4) == 0 ? DType.F32 : c.type();
    Conv2dPlan plan = Conv2dPlan.on(c.device(), new Conv2dPlan.Key(s, c.type(), out, bias, relu));
    double[] x = integers ? c.integers(s.input(), 4) : c.values(s.input());
    double[] w = integers ? c.integers(s.weights(), 4) : c.values(s.weights());
    double[] b = !bias ? null : integers ? c.integers(s.bias(), 4) : c.values(s.bias());
    double[] dy = integers ? c.integers(s.output(), 4) : c.values(s.output());

    Tensor xt = c.tensor(s.input(), x);
    Tensor wt = c.tensor(DType.F32, s.weights(), w);
    Tensor bt = bias ? c.tensor(DType.F32, s.bias(), b) : null;
    Tensor dyt = c.tensor(out, s.output(), dy);
    Tensor y = c.output(out, s.output());
    Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
    Tensor yPacked = c.output(out, s.output());
    Tensor dx = c.output(s.input());
    Tensor dw = c.output(DType.F32, s.weights());
    Tensor db = bias ? c.output(DType.F32, s.bias()) : null;
    SharedMemory.poison(c.device());
    plan.forward(xt, wt, bt, y);
    plan.pack(wt, packed);
    plan.forwardPacked(xt, packed, bt, yPacked);
    SharedMemory.poison(c.device());
    plan.backwardData(dyt, wt, dx);
    SharedMemory.poison(c.device());
    plan.backwardWeights(xt, dyt, dw, db);

    double[] expectedY = ReferenceConv2d.forward(s, x, w, b);
    if (relu) {
      for (int i = 0; i < expectedY.length; i++) {
        expectedY[i] = Math.max(0, expectedY[i]);
      }
    }
    double tolerance = integers ? 0 : c.tolerance();
    assertClose("y " + s, expectedY, read(y), tolerance);
    assertSame("packed y " + s, read(y), read(yPacked));
    assertClose("dx " + s, ReferenceConv2d.backwardData(s, dy, w), read(dx), tolerance);
    assertClose("dw " + s, ReferenceConv2d.backwardWeights(s, x, dy), read(dw), tolerance);
    if (bias) {
      assertClose("db " + s, ReferenceConv2d.backwardBias(s, dy), read(db), tolerance);
    }
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          Conv2dShape s = shape(c);
          double[] x = c.values(s.input());
          double[] w = c.values(s.weights());
          double[] b = c.values(s.bias());
          double[] dy = c.values(s.output());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceConv2d.forward(s, v, w, b),
              x,
              dy,
              ReferenceConv2d.backwardData(s, dy, w));
          FiniteDifferences.check(
              "dw",
              v -> ReferenceConv2d.forward(s, x, v, b),
              w,
              dy,
              ReferenceConv2d.backwardWeights(s, x, dy));
          FiniteDifferences.check(
              "db",
              v -> ReferenceConv2d.forward(s, x, w, v),
              b,
              dy,
              ReferenceConv2d.backwardBias(s, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        6,
        TYPES,
        c -> {
          boolean relu = c.random().nextBoolean();
          int channels = c.oneOf(2, 16, 32);
          Conv2dShape s = Conv2dShape.same(1, 5, 5, channels, channels, c.oneOf(1, 3));
          Conv2dPlan plan =
              Conv2dPlan.on(c.device(), new Conv2dPlan.Key(s, c.type(), c.type(), false, relu));
          double[] x = c.values(s.input());
          int centre = 12 * channels;
          x[centre] = Double.NaN;
          Tensor xt = c.tensor(s.input(), x);
          Tensor wt = c.tensor(DType.F32, s.weights(), c.values(s.weights()));
          Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
          Tensor y = c.tensor(s.output(), new double[x.length]);
          Tensor yPacked = c.tensor(s.output(), new double[x.length]);
          plan.forward(xt, wt, null, y);
          plan.pack(wt, packed);
          plan.forwardPacked(xt, packed, null, yPacked);
          for (int i = centre; i < centre + channels; i++) {
            assertTrue(Double.isNaN(read(y)[i]), "y[" + i + "] of " + s);
            assertTrue(Double.isNaN(read(yPacked)[i]), "packed y[" + i + "] of " + s);
          }
        });
  }

  /** An odd number of BF16 channels is read in pairs: what follows the image must not count. */
  @TestFactory
  Stream<DynamicTest> readsNothingBeyondTheImage() {
    return onEveryDevice(
        20,
        TYPES,
        c -> {
          int channels = c.oneOf(1, 3, 5);
          Conv2dShape s =
              Conv2dShape.same(
                  1, c.between(1, 9), c.between(1, 9), channels, c.oneOf(1, 4), c.oneOf(1, 3));
          Conv2dPlan plan =
              Conv2dPlan.on(c.device(), new Conv2dPlan.Key(s, c.type(), c.type(), false, false));
          Shape three = s.input().with(0, 3);
          double[] x = c.values(three);
          int image = (int) s.input().count();
          Arrays.fill(x, 0, image, Double.NaN);
          Arrays.fill(x, 2 * image, 3 * image, Double.NaN);
          Tensor y = c.output(s.output());
          plan.forward(
              c.tensor(three, x).slice(1, 2),
              c.tensor(DType.F32, s.weights(), c.values(s.weights())),
              null,
              y);
          for (double value : read(y)) {
            assertTrue(Double.isFinite(value), () -> "y of " + s);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Conv2dShape s = Conv2dShape.same(1, 8, 8, 3, 4, 3);
          Conv2dPlan plan =
              Conv2dPlan.on(c.device(), new Conv2dPlan.Key(s, c.type(), c.type(), true, false));
          Tensor x = c.output(s.input());
          Tensor w = c.output(s.weights());
          Tensor b = c.output(s.bias());
          Tensor y = c.output(s.output());
          refused("x is null", () -> plan.forward(null, w, b, y));
          refused("w must have the shape [4, 3, 3, 3]", () -> plan.forward(x, x, b, y));
          refused("b is null", () -> plan.forward(x, w, null, y));
          refused("y must be F32", () -> plan.forward(x, w, b, c.output(DType.U8, s.output())));
          refused("dx is null", () -> plan.backwardData(y, w, null));
          refused("db is null", () -> plan.backwardWeights(x, y, w, null));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, w, b, y));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("stride height must be at least 1", () -> sized(8, 3, 0, 0, 1, 1));
    refused("padding height must be at least 0", () -> sized(8, 3, 1, -1, 1, 1));
    refused("is larger than the image of 8×8", () -> sized(8, 9, 1, 0, 1, 1));
    refused("is larger than the image", () -> sized(8, 3, 1, 0, Integer.MAX_VALUE, 1));
    refused("5 groups do not divide", () -> sized(8, 3, 1, 1, 1, 5));
    refused("batch must be at least 1", () -> Conv2dShape.same(0, 8, 8, 3, 4, 3));
    refused("input channels must be at least 1", () -> Conv2dShape.same(1, 8, 8, -3, 4, 3));
  }

  private static Conv2dShape sized(
      int size, int kernel, int stride, int padding, int dilation, int groups) {
    return new Conv2dShape(
        1, size, size, 4, 4, kernel, kernel, stride, stride, padding, padding, dilation, dilation,
        groups);
  }
}
