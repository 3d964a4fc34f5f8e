package io.github.glia.kernels.linear;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

final class LinearContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static LinearShape shape(Case c) {
    return new LinearShape(
        c.oneOf(1, 2, 3, 7, 16, 33, 64),
        c.oneOf(1, 2, 3, 7, 16, 17, 64, 100),
        c.oneOf(1, 2, 3, 10, 16, 19, 64, 100));
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(60, TYPES, c -> compare(c, shape(c), false));
  }

  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(60, c -> compare(c, shape(c), true));
  }

  private static void compare(Case c, LinearShape s, boolean integers) {
    boolean bias = c.random().nextBoolean();
    LinearPlan plan = plan(c, s, bias);
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
    plan.forward(xt, wt, bt, y);
    plan.backwardData(dyt, wt, dx);
    plan.backwardWeights(xt, dyt, dw, db);

    double tolerance = integers ? 0 : c.tolerance();
    assertClose("y " + s, ReferenceLinear.forward(s, x, w, b), read(y), tolerance);
    assertClose("dx " + s, ReferenceLinear.backwardData(s, dy, w), read(dx), tolerance);
    assertClose("dw " + s, ReferenceLinear.backwardWeights(s, x, dy), read(dw), tolerance);
    if (bias) {
      assertClose("db " + s, ReferenceLinear.backwardBias(s, dy), read(db), tolerance);
    }
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          LinearShape s = shape(c);
          double[] x = c.values(s.input());
          double[] w = c.values(s.weights());
          double[] b = c.values(s.bias());
          double[] dy = c.values(s.output());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceLinear.forward(s, v, w, b),
              x,
              dy,
              ReferenceLinear.backwardData(s, dy, w));
          FiniteDifferences.check(
              "dw",
              v -> ReferenceLinear.forward(s, x, v, b),
              w,
              dy,
              ReferenceLinear.backwardWeights(s, x, dy));
          FiniteDifferences.check(
              "db",
              v -> ReferenceLinear.forward(s, x, w, v),
              b,
              dy,
              ReferenceLinear.backwardBias(s, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          LinearShape s = new LinearShape(3, 4, 5);
          LinearPlan plan = plan(c, s, true);
          double[] x = c.values(s.input());
          x[4] = Double.NaN;
          double[] dy = c.values(s.output());
          dy[14] = Double.NaN;
          Tensor w = c.tensor(DType.F32, s.weights(), c.values(s.weights()));
          Tensor y = c.tensor(s.output(), new double[15]);
          Tensor dx = c.tensor(s.input(), new double[12]);
          Tensor dw = c.tensor(DType.F32, s.weights(), new double[20]);
          Tensor db = c.tensor(DType.F32, s.bias(), new double[5]);
          plan.forward(c.tensor(s.input(), x), w, db, y);
          plan.backwardData(c.tensor(s.output(), dy), w, dx);
          plan.backwardWeights(c.tensor(s.input(), x), c.tensor(s.output(), dy), dw, db);
          assertTrue(Double.isNaN(read(y)[5]));
          assertFalse(Double.isNaN(read(y)[0]));
          assertTrue(Double.isNaN(read(dx)[11]));
          assertFalse(Double.isNaN(read(dx)[0]));
          assertTrue(Double.isNaN(read(dw)[0]));
          assertFalse(Double.isNaN(read(dw)[1]));
          assertTrue(Double.isNaN(read(db)[4]));
          assertFalse(Double.isNaN(read(db)[0]));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          LinearShape s = new LinearShape(3, 4, 5);
          LinearPlan plan = plan(c, s, true);
          LinearPlan withoutBias = plan(c, s, false);
          Tensor x = c.output(s.input());
          Tensor w = c.output(s.weights());
          Tensor b = c.output(s.bias());
          Tensor y = c.output(s.output());
          refused("x is null", () -> plan.forward(null, w, b, y));
          refused("w must have the shape [5, 4]", () -> plan.forward(x, x, b, y));
          refused("b is null", () -> plan.forward(x, w, null, y));
          refused("the plan has no bias", () -> withoutBias.forward(x, w, b, y));
          refused("y must be F32", () -> plan.forward(x, w, b, c.output(DType.U8, s.output())));
          refused("dy must have the shape [3, 5]", () -> plan.backwardData(x, w, x));
          refused("dx is null", () -> plan.backwardData(y, w, null));
          refused("dw is null", () -> plan.backwardWeights(x, y, null, b));
          refused("db is null", () -> plan.backwardWeights(x, y, w, null));
          refused("the plan has no bias", () -> withoutBias.backwardWeights(x, y, w, b));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, w, b, y));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("rows must be at least 1", () -> new LinearShape(0, 4, 5));
    refused("input features must be at least 1", () -> new LinearShape(3, -4, 5));
    refused("output features must be at least 1", () -> new LinearShape(3, 4, 0));
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          isFast(c, new LinearShape(1, 512, 1000));
          isFast(c, new LinearShape(4, 512, 10));
          isFast(c, new LinearShape(64, 784, 256));
          isFast(c, new LinearShape(1024, 512, 512));
          isFast(c, new LinearShape(33, 19, 17));
          isFast(c, new LinearShape(64, 512, 1));
        });
  }

  private static void isFast(Case c, LinearShape s) {
    LinearPlan plan = plan(c, s, true);
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

  private static LinearPlan plan(Case c, LinearShape s, boolean bias) {
    return LinearPlan.on(c.device(), new LinearPlan.Key(s, c.type(), bias));
  }
}
