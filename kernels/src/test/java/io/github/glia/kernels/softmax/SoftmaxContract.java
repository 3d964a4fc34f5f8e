package io.github.glia.kernels.softmax;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class SoftmaxContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static SoftmaxPlan plan(Case c, Shape shape) {
    return SoftmaxPlan.on(c.device(), new SoftmaxPlan.Key(shape, c.type()));
  }

  private static Shape shape(Case c) {
    int[] sizes = new int[c.between(1, 5)];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = c.oneOf(1, 2, 3, 5, 9);
    }
    sizes[sizes.length - 1] = c.oneOf(1, 2, 3, 4, 7, 16, 17, 32, 67, 300);
    return Shape.of(sizes);
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        60,
        TYPES,
        c -> {
          Shape shape = shape(c);
          int channels = shape.size(-1);
          SoftmaxPlan plan = plan(c, shape);
          double[] x = c.random().nextBoolean() ? c.values(shape) : c.integers(shape, 100);
          double[] dy = c.values(shape);
          Tensor y = c.output(shape);
          Tensor dx = c.output(shape);
          plan.forward(c.tensor(shape, x), y);
          plan.backward(y, c.tensor(shape, dy), dx);
          assertClose("y " + shape, ReferenceSoftmax.forward(channels, x), read(y), c.tolerance());
          assertGradient(
              c, read(y), dy, ReferenceSoftmax.backward(channels, read(y), dy), read(dx));
        });
  }

  /**
   * The error is measured against the terms of dy − Σ dy · y and not against dx, which is their
   * rounding alone where they cancel: with one channel, or where one probability is nearly 1.
   */
  private static void assertGradient(
      Case c, double[] y, double[] dy, double[] expected, double[] dx) {
    double terms = 0;
    double error = 0;
    for (int i = 0; i < dx.length; i++) {
      terms += y[i] * y[i] * dy[i] * dy[i];
      error += (dx[i] - expected[i]) * (dx[i] - expected[i]);
    }
    double relative = Math.sqrt(error / terms);
    assertTrue(relative <= c.tolerance(), "dx: relative error " + relative);
  }

  @TestFactory
  Stream<DynamicTest> doesNotOverflow() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(3, 3);
          Tensor y = c.output(shape);
          double low = Double.NEGATIVE_INFINITY;
          plan(c, shape)
              .forward(
                  c.tensor(
                      shape, new double[] {30000, 30000, -30000, -30000, -30000, low, 5, low, low}),
                  y);
          assertSame("y", new double[] {0.5, 0.5, 0, 0.5, 0.5, 0, 1, 0, 0}, read(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(5, 4);
          double[] x = c.values(shape);
          x[5] = Double.NaN;
          x[11] = Double.POSITIVE_INFINITY;
          for (int i = 16; i < 20; i++) {
            x[i] = Double.NEGATIVE_INFINITY;
          }
          Tensor y = c.tensor(shape, new double[20]);
          plan(c, shape).forward(c.tensor(shape, x), y);
          double[] result = read(y);
          assertTrue(Double.isNaN(result[5]));
          assertTrue(Double.isNaN(result[11]));
          assertTrue(Double.isNaN(result[16]));
          for (int row : new int[] {0, 3}) {
            double sum = 0;
            for (int i = 0; i < 4; i++) {
              sum += result[4 * row + i];
            }
            assertEquals(1, sum, 0.02, "the other rows");
          }
          double[] dy = c.values(shape);
          dy[2] = Double.NaN;
          Tensor dx = c.tensor(shape, new double[20]);
          plan(c, shape).backward(y, c.tensor(shape, dy), dx);
          assertTrue(Double.isNaN(read(dx)[0]));
          assertTrue(Double.isNaN(read(dx)[2]));
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          int channels = c.between(1, 9);
          double[] x = c.values(Shape.of(c.between(1, 6), channels));
          double[] dy = c.values(Shape.of(x.length));
          FiniteDifferences.check(
              "softmax",
              v -> ReferenceSoftmax.forward(channels, v),
              x,
              dy,
              ReferenceSoftmax.backward(channels, ReferenceSoftmax.forward(channels, x), dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> isFastOnTheShapesOfTheUNet() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          for (int channels : new int[] {1, 2, 4, 21, 32}) {
            Shape shape = Shape.of(4, 256, 256, channels);
            SoftmaxPlan plan = plan(c, shape);
            try (Tensor x = Tensor.zeros(c.device(), c.type(), shape);
                Tensor y = x.emptyLike()) {
              plan.forward(x, y);
              plan.backward(y, y, x);
            }
            Implementations.assertFast(2, plan);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 3);
          SoftmaxPlan plan = plan(c, shape);
          Tensor x = c.output(shape);
          Tensor other = c.output(Shape.of(6));
          refused("softmax forward: x is null", () -> plan.forward(null, x));
          refused("y must have the shape [2, 3]", () -> plan.forward(x, other));
          refused("x must be F32", () -> plan.forward(c.output(DType.U8, shape), x));
          refused("softmax backward: y is null", () -> plan.backward(null, x, x));
          refused("dy must have the shape", () -> plan.backward(x, other, x));
          refused("dx is null", () -> plan.backward(x, x, null));
          refused(
              "does not compute in U8",
              () -> SoftmaxPlan.on(c.device(), new SoftmaxPlan.Key(shape, DType.U8)));
          x.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, x));
        });
  }
}
