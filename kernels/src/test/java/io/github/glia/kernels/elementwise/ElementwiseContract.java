package io.github.glia.kernels.elementwise;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.TestFactory;

final class ElementwiseContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static AddPlan add(Case c, Shape shape) {
    return AddPlan.on(c.device(), new AddPlan.Key(shape, c.type()));
  }

  private static MultiplyPlan multiply(Case c, Shape shape) {
    return MultiplyPlan.on(c.device(), new MultiplyPlan.Key(shape, c.type()));
  }

  private static ScalePlan scale(Case c, Shape shape) {
    return ScalePlan.on(c.device(), new ScalePlan.Key(shape, c.type()));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          compare(c, shape, c.values(shape), c.values(shape), c.values(shape), c.tolerance());
        });
  }

  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(
        20,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          compare(c, shape, c.integers(shape, 8), c.integers(shape, 8), c.integers(shape, 8), 0);
        });
  }

  private static void compare(
      Case c, Shape shape, double[] a, double[] b, double[] dy, double tolerance) {
    Tensor at = c.tensor(shape, a);
    Tensor bt = c.tensor(shape, b);
    Tensor dyt = c.tensor(shape, dy);
    Tensor sum = c.output(shape);
    Tensor product = c.output(shape);
    Tensor da = c.output(shape);
    Tensor db = c.output(shape);
    add(c, shape).forward(at, bt, sum);
    multiply(c, shape).forward(at, bt, product);
    multiply(c, shape).backward(at, bt, dyt, da, db);
    assertClose("a + b", ReferenceElementwise.add(a, b), read(sum), tolerance);
    assertClose("a · b", ReferenceElementwise.multiply(a, b), read(product), tolerance);
    assertClose("da", ReferenceElementwise.multiply(dy, b), read(da), tolerance);
    assertClose("db", ReferenceElementwise.multiply(dy, a), read(db), tolerance);
    for (float factor : new float[] {0.5f, -3, 0}) {
      Tensor multiple = c.output(shape);
      scale(c, shape).forward(at, factor, multiple);
      assertClose(
          factor + " · a", ReferenceElementwise.scale(a, factor), read(multiple), tolerance);
    }
  }

  @TestFactory
  Stream<DynamicTest> worksInPlace() {
    return onEveryDevice(
        20,
        TYPES,
        c -> {
          Shape shape = FlatShapes.any(c);
          double[] a = c.integers(shape, 8);
          double[] b = c.integers(shape, 8);
          Tensor y = c.tensor(shape, a);
          add(c, shape).forward(y, c.tensor(shape, b), y);
          assertSame("a += b", ReferenceElementwise.add(a, b), read(y));
          scale(c, shape).forward(y, 2, y);
          add(c, shape).forward(y, y, y);
          assertSame(
              "4 (a + b)", ReferenceElementwise.scale(ReferenceElementwise.add(a, b), 4), read(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> scalesByFactorsThatTheTypeDoesNotHold() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          // BF16 rounds this factor to 1, and the product up to 2.
          float factor = 257 / 256f;
          double[] x = {255 / 128.0};
          Shape shape = Shape.of(1);
          Tensor y = c.output(shape);
          scale(c, shape).forward(c.tensor(shape, x), factor, y);
          assertSame("y", read(c.tensor(shape, new double[] {factor * x[0]})), read(y));
        });
  }

  @TestFactory
  Stream<DynamicTest> givesOnlyTheGradientsThatAreWanted() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(3);
          Tensor a = c.tensor(shape, new double[] {1, 2, 3});
          Tensor b = c.tensor(shape, new double[] {4, 5, 6});
          Tensor da = c.output(shape);
          Tensor db = c.output(shape);
          multiply(c, shape).backward(a, b, a, da, null);
          multiply(c, shape).backward(a, b, b, null, db);
          multiply(c, shape).backward(a, b, b, null, null);
          assertSame("da", new double[] {4, 10, 18}, read(da));
          assertSame("db", new double[] {4, 10, 18}, read(db));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          Shape shape = Shape.of(19);
          double[] values = new double[19];
          values[2] = Double.NaN;
          values[18] = Double.NaN;
          Tensor nan = c.tensor(shape, values);
          Tensor zero = c.tensor(shape, new double[19]);
          Tensor y = c.tensor(shape, new double[19]);
          add(c, shape).forward(zero, nan, y);
          assertNan(y);
          multiply(c, shape).forward(nan, zero, y);
          assertNan(y);
          scale(c, shape).forward(nan, 0, y);
          assertNan(y);
        });
  }

  private static void assertNan(Tensor y) {
    double[] values = read(y);
    for (int i = 0; i < values.length; i++) {
      boolean expected = i == 2 || i == 18;
      assertEquals(expected ? Double.NaN : 0, values[i]);
    }
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        10,
        c -> {
          Shape shape = Shape.of(c.between(1, 40));
          double[] a = c.values(shape);
          double[] b = c.values(shape);
          double[] dy = c.values(shape);
          FiniteDifferences.check("sum", v -> ReferenceElementwise.add(v, b), a, dy, dy);
          FiniteDifferences.check(
              "product",
              v -> ReferenceElementwise.multiply(v, b),
              a,
              dy,
              ReferenceElementwise.multiply(dy, b));
          FiniteDifferences.check(
              "multiple",
              v -> ReferenceElementwise.scale(v, 0.3),
              a,
              dy,
              ReferenceElementwise.scale(dy, 0.3));
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
            try (Tensor x = Tensor.zeros(c.device(), c.type(), shape)) {
              add(c, shape).forward(x, x, x);
              multiply(c, shape).forward(x, x, x);
              scale(c, shape).forward(x, 2, x);
            }
            Implementations.assertFast(1, add(c, shape));
            Implementations.assertFast(1, multiply(c, shape));
            Implementations.assertFast(1, scale(c, shape));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 3);
          Tensor x = c.output(shape);
          Tensor other = c.output(Shape.of(1, 3));
          Tensor bytes = c.output(DType.U8, shape);
          AddPlan add = add(c, shape);
          refused("add forward: a is null", () -> add.forward(null, x, x));
          refused("b must have the shape [2, 3]", () -> add.forward(x, other, x));
          refused("y must be F32", () -> add.forward(x, x, bytes));
          MultiplyPlan multiply = multiply(c, shape);
          refused("multiply forward: b is null", () -> multiply.forward(x, null, x));
          refused("y must have the shape", () -> multiply.forward(x, x, other));
          refused("dy is null", () -> multiply.backward(x, x, null, x, x));
          refused("da must have the shape", () -> multiply.backward(x, x, x, other, x));
          refused("db must be F32", () -> multiply.backward(x, x, x, x, bytes));
          ScalePlan scale = scale(c, shape);
          refused("scale forward: x is null", () -> scale.forward(null, 1, x));
          refused("y must be F32", () -> scale.forward(x, 1, bytes));
          refused(
              "does not compute in U8",
              () -> AddPlan.on(c.device(), new AddPlan.Key(shape, DType.U8)));
          refused(
              "does not compute in U8",
              () -> MultiplyPlan.on(c.device(), new MultiplyPlan.Key(shape, DType.U8)));
          refused(
              "does not compute in U8",
              () -> ScalePlan.on(c.device(), new ScalePlan.Key(shape, DType.U8)));
          x.close();
          assertThrows(IllegalStateException.class, () -> add.forward(x, x, x));
        });
  }
}
