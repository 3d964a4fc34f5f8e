package io.github.glia.kernels.activation;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.FlatShapes;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ActivationContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static ActivationPlan plan(Case c, Shape shape, Activation activation) {
    return ActivationPlan.on(c.device(), new ActivationPlan.Key(shape, c.type(), activation));
  }

  private static Activation any(Case c) {
    return c.oneOf(
        Activation.RELU,
        Activation.SIGMOID,
        Activation.leakyRelu(0.01f),
        Activation.leakyRelu(0.25f),
        Activation.leakyRelu(3));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        60,
        TYPES,
        c -> {
          Activation activation = any(c);
          Shape shape = FlatShapes.any(c);
          ActivationPlan plan = plan(c, shape, activation);
          double[] x = ReferenceActivation.forward(Activation.leakyRelu(4), c.values(shape));
          double[] dy = c.values(shape);
          Tensor y = c.output(shape);
          Tensor dx = c.output(shape);
          plan.forward(c.tensor(shape, x), y);
          plan.backward(y, c.tensor(shape, dy), dx);

          String what = activation + " " + shape;
          assertClose(
              "y " + what,
              ReferenceActivation.forward(activation, read(c.tensor(shape, x))),
              read(y),
              c.tolerance());
          assertClose(
              "dx " + what,
              ReferenceActivation.backward(activation, read(y), dy),
              read(dx),
              c.tolerance());
        });
  }

  @TestFactory
  Stream<DynamicTest> reluIsExact() {
    return onEveryDevice(
        20,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          ActivationPlan plan = plan(c, shape, Activation.RELU);
          double[] x = c.random().nextBoolean() ? c.integers(shape, 2) : c.values(shape);
          double[] dy = c.values(shape);
          Tensor y = c.output(shape);
          Tensor dx = c.output(shape);
          plan.forward(c.tensor(shape, x), y);
          plan.backward(y, c.tensor(shape, dy), dx);
          assertSame("y", ReferenceActivation.forward(Activation.RELU, x), read(y));
          assertSame("dx", ReferenceActivation.backward(Activation.RELU, x, dy), read(dx));
        });
  }

  @TestFactory
  Stream<DynamicTest> worksInPlace() {
    return onEveryDevice(
        20,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          ActivationPlan plan = plan(c, shape, any(c));
          Tensor x = c.tensor(shape, c.values(shape));
          Tensor dy = c.tensor(shape, c.values(shape));
          Tensor y = c.output(shape);
          Tensor dx = c.output(shape);
          plan.forward(x, y);
          plan.backward(y, dy, dx);
          plan.forward(x, x);
          plan.backward(y, dy, dy);
          assertSame("y", read(y), read(x));
          assertSame("dx", read(dx), read(dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanAndInfinityOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(21);
          double[] x = new double[21];
          x[1] = Double.NaN;
          x[2] = Double.NEGATIVE_INFINITY;
          x[3] = Double.POSITIVE_INFINITY;
          x[20] = Double.NaN;
          for (Activation activation :
              List.of(Activation.RELU, Activation.leakyRelu(0.5f), Activation.SIGMOID)) {
            ActivationPlan plan = plan(c, shape, activation);
            Tensor y = c.tensor(shape, new double[21]);
            plan.forward(c.tensor(shape, x), y);
            assertArrayEquals(ReferenceActivation.forward(activation, x), read(y), 1e-6);
            Tensor dx = c.tensor(shape, new double[21]);
            double[] dy = new double[21];
            dy[4] = Double.NaN;
            plan.backward(c.tensor(shape, new double[21]), c.tensor(shape, dy), dx);
            assertArrayEquals(
                ReferenceActivation.backward(activation, new double[21], dy), read(dx), 0);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          Activation activation = any(c);
          double[] x = c.values(Shape.of(c.between(1, 60)));
          double[] dy = c.values(Shape.of(x.length));
          FiniteDifferences.check(
              activation.toString(),
              v -> ReferenceActivation.forward(activation, v),
              x,
              dy,
              ReferenceActivation.backward(
                  activation, ReferenceActivation.forward(activation, x), dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> isFastOnTheShapesOfTheUNet() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          for (Shape shape :
              List.of(Shape.of(4, 256, 256, 32), Shape.of(4, 16, 16, 512), Shape.of(1, 9, 7, 3))) {
            for (Activation activation :
                List.of(Activation.RELU, Activation.leakyRelu(0.1f), Activation.SIGMOID)) {
              ActivationPlan plan = plan(c, shape, activation);
              try (Tensor x = Tensor.zeros(c.device(), c.type(), shape)) {
                plan.forward(x, x);
                plan.backward(x, x, x);
              }
              Implementations.assertFast(2, plan);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 3);
          ActivationPlan plan = plan(c, shape, Activation.RELU);
          Tensor x = c.output(shape);
          Tensor other = c.output(Shape.of(3, 2));
          refused("activation forward: x is null", () -> plan.forward(null, x));
          refused("y must have the shape [2, 3]", () -> plan.forward(x, other));
          refused("y must be F32", () -> plan.forward(x, c.output(DType.U8, shape)));
          refused("activation backward: y is null", () -> plan.backward(null, x, x));
          refused("dy must have the shape", () -> plan.backward(x, other, x));
          refused("dx is null", () -> plan.backward(x, x, null));
          refused(
              "does not compute in U8",
              () ->
                  ActivationPlan.on(
                      c.device(), new ActivationPlan.Key(shape, DType.U8, Activation.RELU)));
          x.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, x));
        });
  }

  @Test
  void refusesImpossibleSlopes() {
    for (float slope : new float[] {0, -0.1f, Float.NaN, Float.POSITIVE_INFINITY}) {
      refused("must be finite and above 0", () -> Activation.leakyRelu(slope));
    }
    refused("RELU has no slope", () -> new Activation(Activation.Kind.RELU, 0.1f));
    refused("kind is null", () -> new Activation(null, 0));
  }
}
