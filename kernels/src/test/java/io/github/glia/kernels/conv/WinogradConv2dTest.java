package io.github.glia.kernels.conv;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Case;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Shapes so small that the plan would not choose this algorithm. */
final class WinogradConv2dTest extends KernelContract {

  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(60, c -> compareWithReference(c, anyShape(c), true));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(60, c -> compareWithReference(c, anyShape(c), false));
  }

  /** With few channels, what is rounded before the products would show more. */
  @TestFactory
  Stream<DynamicTest> matchesTheReferenceInBf16() {
    return onEveryDevice(
        40,
        List.of(DType.BF16),
        c ->
            compareWithReference(
                c,
                Conv2dShape.same(
                    c.between(1, 2),
                    c.between(4, 9),
                    c.between(4, 9),
                    c.oneOf(32, 40, 64, 67),
                    c.oneOf(32, 48, 63),
                    3),
                false));
  }

  /** Whichever lane takes which part. */
  @TestFactory
  Stream<DynamicTest> repeatsItsBits() {
    return onEveryDevice(
        1,
        c -> {
          Conv2dShape s = Conv2dShape.same(4, 24, 24, 48, 32, 3);
          WinogradConv2d plan =
              plan(c, s, c.oneOf(matrices(c).toArray(WinogradMatrices[]::new)), false, false);
          Tensor x = c.tensor(s.input(), c.values(s.input()));
          Tensor dy = c.tensor(s.output(), c.values(s.output()));
          Tensor w = c.tensor(DType.F32, s.weights(), c.values(s.weights()));
          double[][] first = null;
          for (int i = 0; i < 20; i++) {
            Tensor y = c.output(s.output());
            Tensor dx = c.output(s.input());
            Tensor dw = c.output(DType.F32, s.weights());
            plan.forward(x, w, null, y);
            plan.backwardData(dy, w, dx);
            plan.backwardWeights(x, dy, dw, null);
            double[][] bits = {read(y), read(dx), read(dw)};
            first = first == null ? bits : first;
            for (int k = 0; k < bits.length; k++) {
              assertSame("result " + k + " of call " + i, first[k], bits[k]);
            }
          }
          plan.close();
        });
  }

  /** The planes of all rows are more than those of a group. */
  @TestFactory
  Stream<DynamicTest> groupsOfRowsAreSeamless() {
    return onEveryDevice(
        2, c -> compareWithReference(c, Conv2dShape.same(3, 301, 298, 1, c.oneOf(1, 2), 3), true));
  }

  /** Weights of several blocks in rows and columns, of each size that there is. */
  @TestFactory
  Stream<DynamicTest> blocksOfWeightsAreSeamless() {
    return onEveryDevice(
        12,
        c -> {
          int channels = c.oneOf(64, 48, 32, 16);
          int in = c.oneOf(1, 2, 3, 4) * channels;
          int out = c.oneOf(1, 2, 3) * channels;
          compareWithReference(c, Conv2dShape.same(1, 3, 4, in, out, 3), false);
        });
  }

  private static Conv2dShape anyShape(Case c) {
    return Conv2dShape.same(
        c.between(1, 3),
        c.between(1, 9),
        c.between(1, 9),
        c.oneOf(1, 2, 3, 16, 19),
        c.oneOf(1, 2, 5, 16, 17),
        3);
  }

  private static void compareWithReference(Case c, Conv2dShape s, boolean integers) {
    for (WinogradMatrices matrices : matrices(c)) {
      compareWithReference(c, s, matrices, integers);
    }
  }

  private static List<WinogradMatrices> matrices(Case c) {
    return c.type() == DType.F32
        ? List.of(WinogradMatrices.OF_2_PIXELS, WinogradMatrices.OF_4_PIXELS)
        : List.of(WinogradMatrices.OF_2_PIXELS);
  }

  private static void compareWithReference(
      Case c, Conv2dShape s, WinogradMatrices matrices, boolean integers) {
    boolean bias = c.random().nextBoolean();
    boolean relu = c.random().nextBoolean();
    WinogradConv2d plan = plan(c, s, matrices, bias, relu);
    double[] x = integers ? c.integers(s.input(), 4) : c.values(s.input());
    double[] w = integers ? c.integers(s.weights(), 4) : c.values(s.weights());
    double[] b = !bias ? null : integers ? c.integers(s.bias(), 4) : c.values(s.bias());
    double[] dy = integers ? c.integers(s.output(), 4) : c.values(s.output());
    Tensor xt = c.tensor(s.input(), x);
    Tensor wt = c.tensor(DType.F32, s.weights(), w);
    Tensor bt = bias ? c.tensor(DType.F32, s.bias(), b) : null;
    Tensor dyt = c.tensor(s.output(), dy);
    Tensor y = c.output(s.output());
    Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
    Tensor yPacked = c.output(s.output());
    Tensor dx = c.output(s.input());
    Tensor dw = c.output(DType.F32, s.weights());
    Tensor db = bias ? c.output(DType.F32, s.bias()) : null;
    plan.forward(xt, wt, bt, y);
    plan.pack(wt, packed);
    plan.forwardPacked(xt, packed, bt, yPacked);
    plan.backwardData(dyt, wt, dx);
    plan.backwardWeights(xt, dyt, dw, db);
    plan.close();

    double[] expectedY = ReferenceConv2d.forward(s, x, w, b);
    for (int i = 0; relu && i < expectedY.length; i++) {
      expectedY[i] = Math.max(0, expectedY[i]);
    }
    boolean exact = integers && matrices == WinogradMatrices.OF_2_PIXELS;
    double tolerance = exact ? 0 : c.tolerance();
    assertClose("y " + s, expectedY, read(y), tolerance);
    assertSame("packed y " + s, read(y), read(yPacked));
    assertClose("dx " + s, ReferenceConv2d.backwardData(s, dy, w), read(dx), tolerance);
    assertClose("dw " + s, ReferenceConv2d.backwardWeights(s, x, dy), read(dw), tolerance);
    if (bias) {
      assertClose("db " + s, ReferenceConv2d.backwardBias(s, dy), read(db), tolerance);
    }
  }

  /**
   * A pixel that is not finite reaches its 3 × 3 neighbours; with tiles of 2 × 2 no others, and
   * with larger ones those of the same tiles.
   */
  @TestFactory
  Stream<DynamicTest> whatIsNotFiniteReachesItsNeighbours() {
    return onEveryDevice(
        20,
        c -> {
          Conv2dShape s = Conv2dShape.same(1, 11, 13, 2, 3, 3);
          int row = c.between(0, 10);
          int column = c.between(0, 12);
          double[] x = c.values(s.input());
          x[(row * 13 + column) * 2] =
              c.oneOf(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
          Tensor xt = c.tensor(s.input(), x);
          Tensor w = c.tensor(s.weights(), c.values(s.weights()));
          for (WinogradMatrices matrices : matrices(c)) {
            WinogradConv2d plan = plan(c, s, matrices, false, false);
            Tensor y = c.output(s.output());
            plan.forward(xt, w, null, y);
            plan.close();
            double[] values = read(y);
            int side = matrices == WinogradMatrices.OF_2_PIXELS ? 1 : matrices.pixels();
            for (int i = 0; i < values.length; i++) {
              int pixel = i / 3;
              String what = "y[" + i + "] of " + s + " by tiles of " + matrices.pixels();
              if (reaches(row, pixel / 13, 1) && reaches(column, pixel % 13, 1)) {
                assertFalse(Double.isFinite(values[i]), what);
              } else if (!reaches(row, pixel / 13, side) || !reaches(column, pixel % 13, side)) {
                assertTrue(Double.isFinite(values[i]), what);
              }
            }
          }
        });
  }

  /** Whether one is a neighbour of the other, or its tile is cut by one. */
  private static boolean reaches(int from, int to, int side) {
    return from + 1 >= to / side * side && from - 1 <= to / side * side + side - 1;
  }

  private static WinogradConv2d plan(
      Case c, Conv2dShape s, WinogradMatrices matrices, boolean bias, boolean relu) {
    assumeTrue(Backend.of(c.device()) instanceof CpuBackend, "it is of the CPU");
    CpuBackend cpu = (CpuBackend) Backend.of(c.device());
    return new WinogradConv2d(cpu, new Conv2dPlan.Key(s, c.type(), c.type(), bias, relu), matrices);
  }

  @Test
  void isForManyChannels() {
    assertTrue(pays(Conv2dShape.same(1, 64, 64, 256, 128, 3), DType.F32));
    assertTrue(pays(Conv2dShape.same(4, 16, 16, 512, 512, 3), DType.F32));
    assertTrue(pays(Conv2dShape.same(4, 128, 128, 64, 64, 3), DType.F32));
    assertFalse(pays(Conv2dShape.same(4, 128, 128, 32, 64, 3), DType.F32));
    assertFalse(pays(Conv2dShape.same(1, 16, 16, 512, 512, 3), DType.F32));
    assertTrue(pays(Conv2dShape.same(1, 32, 32, 256, 256, 3), DType.BF16));
    assertTrue(pays(Conv2dShape.same(4, 64, 64, 128, 128, 3), DType.BF16));
    assertFalse(pays(Conv2dShape.same(4, 64, 64, 128, 64, 3), DType.BF16));
    assertFalse(pays(Conv2dShape.same(1, 32, 32, 256, 256, 3), DType.F16));
    assertFalse(pays(Conv2dShape.same(1, 64, 64, 256, 256, 1), DType.F32));
    assertFalse(pays(Conv2dShape.same(1, 64, 64, 256, 256, 5), DType.F32));
    Conv2dShape strided = new Conv2dShape(4, 64, 64, 256, 256, 3, 3, 2, 2, 1, 1, 1, 1, 1);
    assertFalse(pays(strided, DType.F32));
    Conv2dShape grouped = new Conv2dShape(4, 64, 64, 256, 256, 3, 3, 1, 1, 1, 1, 1, 1, 2);
    assertFalse(pays(grouped, DType.F32));
  }

  /** Each primitive of a shape of the U-Net, and none of them slow. */
  @TestFactory
  Stream<DynamicTest> noPrimitiveIsASlowOne() {
    return onEveryDevice(
        1,
        List.of(DType.F32, DType.BF16),
        c -> {
          Conv2dShape s = Conv2dShape.same(4, 8, 8, 128, 64, 3); // the same bands for any lanes
          Tensor w = Tensor.zeros(c.device(), DType.F32, s.weights());
          Tensor b = Tensor.zeros(c.device(), DType.F32, s.bias());
          Tensor x = Tensor.zeros(c.device(), c.type(), s.input());
          Tensor y = c.output(s.output());
          for (WinogradMatrices m : matrices(c)) {
            WinogradConv2d plan = plan(c, s, m, true, true);
            plan.forward(x, w, b, y);
            plan.backwardData(y, w, x);
            plan.backwardWeights(x, y, w, b);
            int ofPlanes = m == WinogradMatrices.OF_2_PIXELS ? m.planes() : 2 * m.places();
            int perDirection = ofPlanes + 2 * m.pixels() + 1 + 1 + 1 + 1;
            int ofWeights = 2 * ofPlanes + 1 + 1 + 1;
            Implementations.assertFast(2 * perDirection + ofWeights, plan);
            plan.close();
          }
        });
  }

  private static boolean pays(Conv2dShape s, DType type) {
    return WinogradConv2d.pays(new Conv2dPlan.Key(s, type, type, false, false));
  }
}
