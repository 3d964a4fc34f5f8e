package io.github.glia.kernels.batchnorm;

import static io.github.glia.kernels.Case.read;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;

/** One case: random arguments, what the plan makes of them, and what the reference does. */
final class BatchNormComparison extends KernelContract {
  private final Case c;
  private final BatchNormShape s;
  private final BatchNormPlan.Key key;
  private final BatchNormPlan plan;
  private final double[] x;
  private final double[] gamma;
  private final double[] beta;
  private final double[] dy;
  private double tolerance;
  private double statisticsTolerance = 1e-5;

  BatchNormComparison(Case c, BatchNormShape s, double center) {
    this.c = c;
    this.s = s;
    boolean relu = c.random().nextBoolean();
    key = new BatchNormPlan.Key(s, c.type(), c.oneOf(1e-5f, 1e-3f), relu);
    plan = BatchNormPlan.on(c.device(), key);
    x = Case.read(c.tensor(s.image(), shifted(c.values(s.image()), center)));
    gamma = c.values(s.parameters(), DType.F32);
    beta = c.values(s.parameters(), DType.F32);
    dy = c.values(s.image());
    tolerance = c.tolerance();
  }

  BatchNormComparison allowing(double error) {
    tolerance = error;
    statisticsTolerance = error;
    return this;
  }

  void training() {
    double[] mean = ReferenceBatchNorm.mean(s, x);
    double[] variance = ReferenceBatchNorm.variance(s, x, mean);
    Tensor meanTensor = c.output(DType.F32, s.parameters());
    Tensor varianceTensor = c.output(DType.F32, s.parameters());
    Tensor y = c.output(s.image());
    Tensor mask = mask();
    plan.forwardTraining(
        image(x), parameter(gamma), parameter(beta), y, meanTensor, varianceTensor, mask);
    assertClose("mean " + key, shifted(mean, 1), shifted(read(meanTensor), 1), 2e-6);
    assertClose("variance " + key, variance, read(varianceTensor), statisticsTolerance);
    compareForward(mean, variance, y);

    double[] gated = gated(y);
    Tensor dx = c.output(s.image());
    Tensor dgamma = c.output(DType.F32, s.parameters());
    Tensor dbeta = c.output(DType.F32, s.parameters());
    plan.backwardTraining(
        image(x), image(dy), parameter(gamma), meanTensor, varianceTensor, mask, dx, dgamma, dbeta);
    double[] expected =
        ReferenceBatchNorm.backwardTraining(s, x, gated, gamma, mean, variance, key.epsilon());
    // dx is a difference of terms as large as this one, and is nearly 0 where a channel has few
    // values: the error is measured against the terms.
    double[] term = ReferenceBatchNorm.backwardInference(s, gated, gamma, variance, key.epsilon());
    assertClose("dx " + key, sum(expected, term), sum(read(dx), term), tolerance);
    compareParameters(mean, variance, gated, dgamma, dbeta);
  }

  void inference() {
    double[] mean = c.values(s.parameters(), DType.F32);
    double[] variance = c.values(s.parameters(), DType.F32);
    Arrays.setAll(variance, i -> (float) (0.1 + Math.abs(variance[i])));
    Tensor y = c.output(s.image());
    Tensor unmasked = c.output(s.image());
    Tensor mask = mask();
    forwardInference(mean, variance, y, mask);
    forwardInference(mean, variance, unmasked, null);
    compareForward(mean, variance, y);
    assertSame("y without a mask " + key, read(y), read(unmasked));

    double[] gated = gated(y);
    Tensor dx = c.output(s.image());
    Tensor dgamma = c.output(DType.F32, s.parameters());
    Tensor dbeta = c.output(DType.F32, s.parameters());
    plan.backwardInference(
        image(x),
        image(dy),
        parameter(gamma),
        parameter(mean),
        parameter(variance),
        mask,
        dx,
        dgamma,
        dbeta);
    double[] expected =
        ReferenceBatchNorm.backwardInference(s, gated, gamma, variance, key.epsilon());
    assertClose("dx " + key, expected, read(dx), tolerance);
    compareParameters(mean, variance, gated, dgamma, dbeta);
  }

  private void forwardInference(double[] mean, double[] variance, Tensor y, Tensor mask) {
    plan.forwardInference(
        image(x), parameter(gamma), parameter(beta), parameter(mean), parameter(variance), y, mask);
  }

  private void compareForward(double[] mean, double[] variance, Tensor y) {
    double[] expected =
        ReferenceBatchNorm.forward(s, x, gamma, beta, mean, variance, key.epsilon());
    if (key.relu()) {
      Arrays.setAll(expected, i -> Math.max(0, expected[i]));
    }
    assertClose("y " + key, expected, read(y), tolerance);
  }

  private void compareParameters(
      double[] mean, double[] variance, double[] gated, Tensor dgamma, Tensor dbeta) {
    double[] expected =
        ReferenceBatchNorm.backwardGamma(s, x, gated, mean, variance, key.epsilon());
    assertClose("dgamma " + key, expected, read(dgamma), statisticsTolerance);
    assertClose("dbeta " + key, ReferenceBatchNorm.backwardBeta(s, gated), read(dbeta), 1e-5);
  }

  /** dy where the plan's own y is positive, so that rounding moves no gate. */
  private double[] gated(Tensor y) {
    if (!key.relu()) {
      return dy;
    }
    double[] output = read(y);
    double[] gated = new double[dy.length];
    Arrays.setAll(gated, i -> output[i] > 0 ? dy[i] : 0);
    return gated;
  }

  private Tensor mask() {
    return key.relu() ? Tensor.empty(c.device(), DType.U8, plan.mask()) : null;
  }

  private Tensor image(double[] values) {
    return c.tensor(s.image(), values);
  }

  private Tensor parameter(double[] values) {
    return c.tensor(DType.F32, s.parameters(), values);
  }

  private static double[] shifted(double[] values, double by) {
    return Arrays.stream(values).map(v -> v + by).toArray();
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }
}
