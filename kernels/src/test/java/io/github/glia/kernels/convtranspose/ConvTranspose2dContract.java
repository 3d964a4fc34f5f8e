package io.github.glia.kernels.convtranspose;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.cpu.SharedMemory;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ConvTranspose2dContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static ConvTranspose2dShape shape(Case c) {
    while (true) {
      int strideHeight = c.between(1, 3);
      int strideWidth = c.between(1, 3);
      try {
        return new ConvTranspose2dShape(
            c.between(1, 3),
            c.between(1, 9),
            c.between(1, 9),
            c.oneOf(1, 2, 3, 5, 8, 16, 17),
            c.oneOf(1, 2, 3, 7, 8, 16, 19),
            c.between(1, 4),
            c.between(1, 4),
            strideHeight,
            strideWidth,
            c.between(0, 3),
            c.between(0, 3),
            c.between(0, strideHeight - 1),
            c.between(0, strideWidth - 1));
      } catch (IllegalArgumentException emptyOutput) {
        // draw again
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(60, TYPES, c -> compare(c, shape(c), false));
  }

  /** One column, strides above the kernel, wide kernels: {@link ConvolvedGradient}. */
  @TestFactory
  Stream<DynamicTest> matchesWhereImplementationsOfOneDnnDoNot() {
    return onEveryDevice(
        60,
        TYPES,
        c -> {
          int kernel = c.oneOf(1, 2, 3, 8, 10);
          int strideHeight = c.between(1, 4);
          int strideWidth = c.between(2, 4);
          compare(
              c,
              new ConvTranspose2dShape(
                  c.between(1, 3),
                  c.between(3, 20),
                  c.oneOf(1, 1, 2, 9),
                  c.oneOf(1, 8, 12, 33, 48),
                  c.oneOf(1, 5, 15, 32),
                  c.between(1, 3),
                  kernel,
                  strideHeight,
                  strideWidth,
                  0,
                  kernel > 2 ? c.between(0, 1) : 0,
                  c.between(0, strideHeight - 1),
                  c.between(0, strideWidth - 1)),
              false);
        });
  }

  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(60, c -> compare(c, shape(c), true));
  }

  @TestFactory
  Stream<DynamicTest> matchesWhereEachPixelBecomesABlock() {
    return onEveryDevice(
        20,
        TYPES,
        c ->
            compare(
                c,
                block(
                    c.between(1, 3),
                    c.between(1, 9),
                    c.between(1, 9),
                    c.oneOf(1, 3, 8, 16, 17),
                    c.oneOf(1, 3, 8, 16, 19),
                    c.between(1, 3),
                    c.between(1, 3)),
                false));
  }

  /**
   * Work in parts, of which the gradients of the weights are added up: of equal size, of a size
   * that is no power of 2, and of none, since 83 rows cannot be divided.
   */
  @TestFactory
  Stream<DynamicTest> matchesWhereManyPixelsBecomeBlocks() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          boolean integers = c.type() == DType.F32;
          compare(c, block(1, 64, 64, 24, 16, 2, 2), integers);
          compare(c, block(3, 45, 50, 16, 24, 1, 2), integers);
          compare(c, block(1, 83, 83, 24, 16, 2, 1), integers);
        });
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          int channels = c.oneOf(32, 64);
          compare(c, ConvTranspose2dShape.upscaling(2, 12, 10, 2 * channels, channels, 2), false);
          compare(
              c,
              new ConvTranspose2dShape(1, 9, 8, channels, channels, 3, 3, 2, 2, 1, 1, 1, 1),
              false);
        });
  }

  private static void compare(Case c, ConvTranspose2dShape s, boolean integers) {
    boolean bias = c.random().nextBoolean();
    ConvTranspose2dPlan plan = plan(c, s, bias);
    double[] x = integers ? c.integers(s.input(), 4) : c.values(s.input());
    double[] w = integers ? c.integers(s.weights(), 4) : c.values(s.weights());
    double[] b = !bias ? null : integers ? c.integers(s.bias(), 4) : c.values(s.bias());
    double[] dy = integers ? c.integers(s.output(), 4) : c.values(s.output());

    Tensor xt = c.tensor(s.input(), x);
    Tensor wt = c.tensor(DType.F32, s.weights(), w);
    Tensor bt = bias ? c.tensor(DType.F32, s.bias(), b) : null;
    Tensor dyt = c.tensor(s.output(), dy);
    Tensor y = c.output(s.output());
    Tensor dx = c.output(s.input());
    Tensor dw = c.output(DType.F32, s.weights());
    Tensor db = bias ? c.output(DType.F32, s.bias()) : null;
    Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
    Tensor yPacked = c.output(s.output());
    SharedMemory.poison(c.device());
    plan.forward(xt, wt, bt, y);
    plan.pack(wt, packed);
    plan.forwardPacked(xt, packed, bt, yPacked);
    SharedMemory.poison(c.device());
    plan.backwardData(dyt, wt, dx);
    SharedMemory.poison(c.device());
    plan.backwardWeights(xt, dyt, dw, db);

    double tolerance = integers ? 0 : c.tolerance();
    assertClose("y " + s, ReferenceConvTranspose2d.forward(s, x, w, b), read(y), tolerance);
    assertSame("packed y " + s, read(y), read(yPacked));
    assertClose("dx " + s, ReferenceConvTranspose2d.backwardData(s, dy, w), read(dx), tolerance);
    assertClose("dw " + s, ReferenceConvTranspose2d.backwardWeights(s, x, dy), read(dw), tolerance);
    if (bias) {
      assertClose("db " + s, ReferenceConvTranspose2d.backwardBias(s, dy), read(db), tolerance);
    }
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          ConvTranspose2dShape s = shape(c);
          double[] x = c.values(s.input());
          double[] w = c.values(s.weights());
          double[] b = c.values(s.bias());
          double[] dy = c.values(s.output());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceConvTranspose2d.forward(s, v, w, b),
              x,
              dy,
              ReferenceConvTranspose2d.backwardData(s, dy, w));
          FiniteDifferences.check(
              "dw",
              v -> ReferenceConvTranspose2d.forward(s, x, v, b),
              w,
              dy,
              ReferenceConvTranspose2d.backwardWeights(s, x, dy));
          FiniteDifferences.check(
              "db",
              v -> ReferenceConvTranspose2d.forward(s, x, w, v),
              b,
              dy,
              ReferenceConvTranspose2d.backwardBias(s, dy));
        });
  }

  /** A pixel of 1 draws the kernel, and the places that the output padding adds hold the bias. */
  @TestFactory
  Stream<DynamicTest> drawsTheKernelAtEachPixel() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          ConvTranspose2dShape s = new ConvTranspose2dShape(1, 1, 2, 1, 1, 1, 2, 1, 3, 0, 0, 0, 2);
          Tensor y = c.output(s.output());
          plan(c, s, true)
              .forward(
                  c.tensor(s.input(), new double[] {1, 2}),
                  c.tensor(DType.F32, s.weights(), new double[] {3, 4}),
                  c.tensor(DType.F32, s.bias(), new double[] {10}),
                  y);
          assertSame("y", new double[] {13, 14, 10, 16, 18, 10, 10}, read(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          ConvTranspose2dShape s = ConvTranspose2dShape.upscaling(1, 3, 3, 2, 2, 2);
          ConvTranspose2dPlan plan = plan(c, s, true);
          double[] x = c.values(s.input());
          x[8] = Double.NaN;
          double[] dy = c.values(s.output());
          dy[71] = Double.NaN;
          Tensor w = c.tensor(DType.F32, s.weights(), c.values(s.weights()));
          Tensor y = c.tensor(s.output(), new double[72]);
          Tensor dx = c.tensor(s.input(), new double[18]);
          Tensor dw = c.tensor(DType.F32, s.weights(), new double[16]);
          Tensor db = c.tensor(DType.F32, s.bias(), new double[2]);
          plan.forward(c.tensor(s.input(), x), w, db, y);
          plan.backwardData(c.tensor(s.output(), dy), w, dx);
          plan.backwardWeights(c.tensor(s.input(), x), c.tensor(s.output(), dy), dw, db);
          assertTrue(Double.isNaN(read(y)[28]));
          assertFalse(Double.isNaN(read(y)[0]));
          assertTrue(Double.isNaN(read(dx)[16]));
          assertFalse(Double.isNaN(read(dx)[0]));
          assertTrue(Double.isNaN(read(dw)[0]));
          assertFalse(Double.isNaN(read(db)[0]));
          assertTrue(Double.isNaN(read(db)[1]));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          ConvTranspose2dShape s = ConvTranspose2dShape.upscaling(1, 4, 4, 3, 5, 2);
          ConvTranspose2dPlan plan = plan(c, s, true);
          ConvTranspose2dPlan withoutBias = plan(c, s, false);
          Tensor x = c.output(s.input());
          Tensor w = c.output(s.weights());
          Tensor b = c.output(s.bias());
          Tensor y = c.output(s.output());
          refused("x is null", () -> plan.forward(null, w, b, y));
          refused("w must have the shape [3, 2, 2, 5]", () -> plan.forward(x, x, b, y));
          refused("b is null", () -> plan.forward(x, w, null, y));
          refused("the plan has no bias", () -> withoutBias.forward(x, w, b, y));
          refused("y must be F32", () -> plan.forward(x, w, b, c.output(DType.U8, s.output())));
          refused("dy must have the shape [1, 8, 8, 5]", () -> plan.backwardData(x, w, x));
          refused("dx is null", () -> plan.backwardData(y, w, null));
          refused("dw is null", () -> plan.backwardWeights(x, y, null, b));
          refused("db is null", () -> plan.backwardWeights(x, y, w, null));
          refused("the plan has no bias", () -> withoutBias.backwardWeights(x, y, w, b));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, w, b, y));
        });
  }

  @Test
  void knowsItsSizes() {
    ConvTranspose2dShape s = new ConvTranspose2dShape(2, 5, 6, 3, 4, 3, 2, 2, 3, 1, 0, 1, 2);
    assertEquals(Shape.of(2, 10, 19, 4), s.output());
    assertEquals(Shape.of(3, 3, 2, 4), s.weights());
    assertEquals(2L * 2 * 5 * 6 * 3 * 4 * 3 * 2, s.flops());
    assertFalse(s.isUpscaling());
    assertFalse(sized(8, 2, 2, 0, 1).isUpscaling());
    assertFalse(sized(8, 2, 2, 1, 0).isUpscaling());
    assertFalse(sized(8, 3, 2, 0, 0).isUpscaling());
    assertTrue(ConvTranspose2dShape.upscaling(1, 8, 8, 3, 4, 2).isUpscaling());
  }

  @Test
  void refusesImpossibleShapes() {
    refused("stride height must be at least 1", () -> sized(8, 3, 0, 0, 0));
    refused("padding height must be at least 0", () -> sized(8, 3, 1, -1, 0));
    refused("output padding height must be at least 0", () -> sized(8, 3, 1, 0, -1));
    refused("must be smaller than the stride of 2×2", () -> sized(8, 3, 2, 0, 2));
    refused("gives an output height of 0", () -> sized(1, 2, 1, 1, 0));
    refused("gives an output height of 42", () -> sized(Integer.MAX_VALUE, 2, 2, 0, 0));
    refused("batch must be at least 1", () -> ConvTranspose2dShape.upscaling(0, 8, 8, 3, 4, 2));
    refused(
        "input channels must be at least 1",
        () -> ConvTranspose2dShape.upscaling(1, 8, 8, -3, 4, 2));
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          for (int level = 0; level < 4; level++) {
            int size = 16 << level;
            int channels = 256 >> level;
            isFast(c, ConvTranspose2dShape.upscaling(4, size, size, 2 * channels, channels, 2));
          }
          isFast(c, new ConvTranspose2dShape(1, 32, 32, 64, 32, 3, 3, 2, 2, 1, 1, 1, 1));
          isFast(c, new ConvTranspose2dShape(1, 32, 32, 64, 32, 4, 4, 2, 2, 1, 1, 0, 0));
          isFast(c, ConvTranspose2dShape.upscaling(1, 32, 32, 19, 17, 2));
        });
  }

  private static void isFast(Case c, ConvTranspose2dShape s) {
    ConvTranspose2dPlan plan = plan(c, s, true);
    Tensor x = Tensor.zeros(c.device(), c.type(), s.input());
    Tensor w = Tensor.zeros(c.device(), DType.F32, s.weights());
    Tensor b = Tensor.zeros(c.device(), DType.F32, s.bias());
    Tensor y = Tensor.zeros(c.device(), c.type(), s.output());
    plan.forward(x, w, b, y);
    plan.backwardData(y, w, x);
    plan.backwardWeights(x, y, w, b);
    plan.implementations()
        .forEach(
            (use, name) -> assertFalse(name.contains("ref"), () -> s + " " + use + ": " + name));
  }

  private static ConvTranspose2dPlan plan(Case c, ConvTranspose2dShape s, boolean bias) {
    return ConvTranspose2dPlan.on(c.device(), new ConvTranspose2dPlan.Key(s, c.type(), bias));
  }

  private static ConvTranspose2dShape block(
      int batch, int height, int width, int in, int out, int rows, int columns) {
    return new ConvTranspose2dShape(
        batch, height, width, in, out, rows, columns, rows, columns, 0, 0, 0, 0);
  }

  private static ConvTranspose2dShape sized(
      int size, int kernel, int stride, int padding, int outputPadding) {
    return new ConvTranspose2dShape(
        1,
        size,
        size,
        4,
        4,
        kernel,
        kernel,
        stride,
        stride,
        padding,
        padding,
        outputPadding,
        outputPadding);
  }
}
