package io.github.glia.kernels.reduce;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.FlatShapes;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class ReduceContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);
  private static final Shape SINGLE = Shape.of(1);

  private static ReducePlan plan(Case c, Shape shape, Reduction reduction) {
    return ReducePlan.on(c.device(), new ReducePlan.Key(shape, c.type(), reduction));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          Reduction reduction = c.oneOf(Reduction.values());
          ReducePlan plan = plan(c, shape, reduction);
          double[] x = c.values(shape);
          double[] dy = c.values(SINGLE, DType.F32);
          Tensor y = c.output(DType.F32, SINGLE);
          Tensor dx = c.output(shape);
          plan.forward(c.tensor(shape, x), y);
          plan.backward(c.tensor(DType.F32, SINGLE, dy), dx);
          // The sum is in double: only the result is rounded, to F32 in every type.
          assertClose(
              reduction + " " + shape, ReferenceReduce.forward(reduction, x), read(y), 1e-7);
          // A mean's gradient is so small that F16 holds few of its digits: they are all that is
          // asked.
          double[] gradient = ReferenceReduce.backward(reduction, x.length, dy);
          assertClose(
              "dx of " + reduction + " " + shape,
              read(c.tensor(shape, gradient)),
              read(dx),
              c.tolerance());
        });
  }

  @TestFactory
  Stream<DynamicTest> losesNothingToLargePartialSums() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(100_001);
          double[] x = new double[100_001];
          Arrays.fill(x, 1);
          x[0] = 1 << 30;
          x[100_000] = -(1 << 30);
          Tensor y = c.output(SINGLE);
          plan(c, shape, Reduction.SUM).forward(c.tensor(shape, x), y);
          assertEquals(99_999, y.item());
        });
  }

  @TestFactory
  Stream<DynamicTest> givesTheSameBitsEachTime() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(300_007);
          Tensor x = c.tensor(shape, c.values(shape));
          ReducePlan plan = plan(c, shape, Reduction.MEAN);
          Tensor first = c.output(SINGLE);
          plan.forward(x, first);
          for (int i = 0; i < 20; i++) {
            Tensor y = c.output(SINGLE);
            plan.forward(x, y);
            assertEquals(first.item(), y.item());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(5);
          ReducePlan plan = plan(c, shape, Reduction.SUM);
          Tensor y = c.tensor(DType.F32, SINGLE, new double[1]);
          plan.forward(c.tensor(shape, new double[] {1, 2, Double.NaN, 4, 5}), y);
          assertTrue(Float.isNaN(y.item()));
          Tensor dx = c.tensor(shape, new double[5]);
          plan.backward(y, dx);
          for (double gradient : read(dx)) {
            assertTrue(Double.isNaN(gradient));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        10,
        c -> {
          Reduction reduction = c.oneOf(Reduction.values());
          double[] x = c.values(Shape.of(c.between(1, 40)));
          double[] dy = c.values(SINGLE);
          FiniteDifferences.check(
              reduction.toString(),
              v -> ReferenceReduce.forward(reduction, v),
              x,
              dy,
              ReferenceReduce.backward(reduction, x.length, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 3);
          ReducePlan plan = plan(c, shape, Reduction.SUM);
          Tensor x = c.output(shape);
          Tensor y = c.output(SINGLE);
          refused("reduce forward: x is null", () -> plan.forward(null, y));
          refused("x must have the shape [2, 3]", () -> plan.forward(y, y));
          refused("y must have the shape [1]", () -> plan.forward(x, x));
          refused("y must be F32", () -> plan.forward(x, c.output(DType.U8, SINGLE)));
          refused("reduce backward: dy is null", () -> plan.backward(null, x));
          refused("dx must have the shape", () -> plan.backward(y, y));
          refused(
              "does not compute in U8",
              () -> ReducePlan.on(c.device(), new ReducePlan.Key(shape, DType.U8, Reduction.SUM)));
          x.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, y));
        });
  }
}
