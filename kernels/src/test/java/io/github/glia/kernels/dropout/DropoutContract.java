package io.github.glia.kernels.dropout;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.FlatShapes;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class DropoutContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static DropoutPlan plan(Case c, Shape shape, float probability) {
    return DropoutPlan.on(c.device(), new DropoutPlan.Key(shape, c.type(), probability));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          float probability = c.oneOf(0f, 0.1f, 0.5f, 0.75f, 0.99f, c.random().nextFloat());
          long seed = c.random().nextLong();
          long stream = c.random().nextLong();
          DropoutPlan plan = plan(c, shape, probability);
          double[] x = c.values(shape);
          double[] dy = c.values(shape);
          Tensor y = c.output(shape);
          Tensor mask = c.output(shape);
          Tensor dx = c.output(shape);
          plan.forward(c.tensor(shape, x), seed, stream, y, mask);
          plan.backward(c.tensor(shape, dy), mask, dx);

          double[] expected = ReferenceDropout.mask((int) shape.count(), probability, seed, stream);
          assertSame("mask", read(c.tensor(shape, expected)), read(mask));
          assertClose("y", ReferenceDropout.forward(x, expected), read(y), c.tolerance());
          assertClose("dx", ReferenceDropout.backward(dy, expected), read(dx), c.tolerance());
        });
  }

  @TestFactory
  Stream<DynamicTest> dropsAsManyAsAsked() {
    return onEveryDevice(
        4,
        c -> {
          Shape shape = Shape.of(300, 1000);
          float probability = c.oneOf(0.1f, 0.5f, 0.9f);
          Tensor mask = c.output(shape);
          Tensor x = c.output(shape);
          plan(c, shape, probability).forward(x, c.random().nextLong(), 0, x, mask);
          double dropped = Arrays.stream(read(mask)).filter(m -> m == 0).count() / 300_000.0;
          assertEquals(probability, dropped, 0.005);
          assertEquals(1, Arrays.stream(read(mask)).average().orElseThrow(), 0.03);
        });
  }

  @TestFactory
  Stream<DynamicTest> seedAndStreamDecideAlone() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(500);
          Tensor x = c.tensor(shape, c.values(shape));
          Tensor y = c.output(shape);
          DropoutPlan plan = plan(c, shape, 0.5f);
          Tensor first = c.output(shape);
          Tensor again = c.output(shape);
          Tensor otherSeed = c.output(shape);
          Tensor otherStream = c.output(shape);
          plan.forward(x, 1, 2, y, first);
          plan.forward(x, 1, 2, y, again);
          plan.forward(x, 3, 2, y, otherSeed);
          plan.forward(x, 1, 3, y, otherStream);
          assertSame("mask", read(first), read(again));
          assertFalse(Arrays.equals(read(first), read(otherSeed)));
          assertFalse(Arrays.equals(read(first), read(otherStream)));
        });
  }

  @TestFactory
  Stream<DynamicTest> changesNothingWithProbabilityZero() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          double[] x = c.values(shape);
          Tensor y = c.output(shape);
          plan(c, shape, 0).forward(c.tensor(shape, x), 5, 6, y, c.output(shape));
          assertSame("y", x, read(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(50);
          Tensor nan = c.output(shape);
          Tensor y = c.tensor(shape, new double[50]);
          Tensor mask = c.output(shape);
          DropoutPlan plan = plan(c, shape, 0.5f);
          plan.forward(nan, 1, 1, y, mask);
          assertTrue(Arrays.stream(read(y)).allMatch(Double::isNaN), "also where it is dropped");
          Tensor dx = c.tensor(shape, new double[50]);
          plan.backward(nan, mask, dx);
          assertTrue(Arrays.stream(read(dx)).allMatch(Double::isNaN));
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        10,
        c -> {
          double[] x = c.values(Shape.of(c.between(1, 40)));
          double[] dy = c.values(Shape.of(x.length));
          double[] mask = ReferenceDropout.mask(x.length, 0.3f, c.random().nextLong(), 1);
          FiniteDifferences.check(
              "dropout",
              v -> ReferenceDropout.forward(v, mask),
              x,
              dy,
              ReferenceDropout.backward(dy, mask));
        });
  }

  @TestFactory
  Stream<DynamicTest> multipliesFastOnTheShapesOfTheUNet() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(4, 16, 16, 512);
          Tensor x = c.output(shape);
          plan(c, shape, 0.2f).forward(x, 1, 1, x, c.output(shape));
          Implementations.assertFast(
              1, MultiplyPlan.on(c.device(), new MultiplyPlan.Key(shape, c.type())));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 3);
          DropoutPlan plan = plan(c, shape, 0.5f);
          Tensor x = c.output(shape);
          Tensor other = c.output(Shape.of(6));
          refused("dropout forward: x is null", () -> plan.forward(null, 1, 1, x, x));
          refused("y must have the shape [2, 3]", () -> plan.forward(x, 1, 1, other, x));
          refused("mask must be F32", () -> plan.forward(x, 1, 1, x, c.output(DType.U8, shape)));
          refused("dropout backward: dy is null", () -> plan.backward(null, x, x));
          refused("mask must have the shape", () -> plan.backward(x, other, x));
          refused("dx is null", () -> plan.backward(x, x, null));
          refused(
              "does not compute in U8",
              () -> DropoutPlan.on(c.device(), new DropoutPlan.Key(shape, DType.U8, 0.5f)));
          x.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, 1, 1, x, x));
        });
  }

  @Test
  void refusesImpossibleProbabilities() {
    for (float probability : new float[] {1, -0.1f, 2, Float.NaN}) {
      refused(
          "probability must be at least 0 and less than 1, but is " + probability,
          () -> new DropoutPlan.Key(Shape.of(1), DType.F32, probability));
    }
  }
}
