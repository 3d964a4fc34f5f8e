package io.github.glia.kernels.batchnorm;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class BatchNormContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static BatchNormShape shape(Case c) {
    int size = c.oneOf(1, 2, 5, 13);
    return new BatchNormShape(
        c.between(size == 1 ? 2 : 1, 4), size, c.between(1, 13), c.oneOf(1, 2, 3, 8, 16, 19, 32));
  }

  @TestFactory
  Stream<DynamicTest> trainingMatchesTheReference() {
    return onEveryDevice(60, TYPES, c -> new BatchNormComparison(c, shape(c), 0).training());
  }

  @TestFactory
  Stream<DynamicTest> inferenceMatchesTheReference() {
    return onEveryDevice(60, TYPES, c -> new BatchNormComparison(c, shape(c), 0).inference());
  }

  @TestFactory
  Stream<DynamicTest> inferenceNormalizesASingleValue() {
    return onEveryDevice(
        4,
        TYPES,
        c ->
            new BatchNormComparison(c, new BatchNormShape(1, 1, 1, c.oneOf(1, 5, 16)), 0)
                .inference());
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          new BatchNormComparison(c, new BatchNormShape(4, 64, 64, 32), 0).training();
          new BatchNormComparison(c, new BatchNormShape(2, 16, 16, 512), 0).training();
          new BatchNormComparison(c, new BatchNormShape(1, 128, 128, 64), 0).inference();
        });
  }

  /**
   * A variance by Σx² − (Σx)² would lose four of the seven digits of F32 here. What is allowed is
   * an F32 sum of 8400 values of one sign: 2e-6 of the mean, which is 2e-4 of the deviation.
   */
  @TestFactory
  Stream<DynamicTest> staysPreciseFarFromZero() {
    return onEveryDevice(
        4,
        c ->
            new BatchNormComparison(c, new BatchNormShape(2, 60, 70, c.oneOf(3, 32)), 100)
                .allowing(2e-4)
                .training());
  }

  @TestFactory
  Stream<DynamicTest> reluHasNoGradientAtZero() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(2, 3, 4, c.oneOf(3, 16));
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, true));
          double[] ones = new double[(int) s.image().count()];
          Arrays.fill(ones, 1);
          Tensor x = c.tensor(s.image(), ones);
          Tensor gamma = c.tensor(DType.F32, s.parameters(), new double[s.channels()]);
          Tensor mean = c.output(DType.F32, s.parameters());
          Tensor variance = c.output(DType.F32, s.parameters());
          Tensor y = c.output(s.image());
          Tensor mask = Tensor.empty(c.device(), DType.U8, plan.mask());
          Tensor dx = c.output(s.image());
          Tensor dgamma = c.output(DType.F32, s.parameters());
          Tensor dbeta = c.output(DType.F32, s.parameters());
          plan.forwardTraining(x, gamma, gamma, y, mean, variance, mask);
          plan.backwardTraining(x, x, gamma, mean, variance, mask, dx, dgamma, dbeta);
          assertSame("y", new double[ones.length], read(y));
          assertSame("variance", new double[s.channels()], read(variance));
          assertSame("dbeta", new double[s.channels()], read(dbeta));
        });
  }

  @TestFactory
  Stream<DynamicTest> dxMayBeDy() {
    return onEveryDevice(
        10,
        TYPES,
        c -> {
          BatchNormShape s = shape(c);
          boolean relu = c.oneOf(false, true);
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, relu));
          Tensor x = c.tensor(s.image(), c.values(s.image()));
          Tensor gamma = c.tensor(DType.F32, s.parameters(), c.values(s.parameters()));
          Tensor mean = c.output(DType.F32, s.parameters());
          Tensor variance = c.output(DType.F32, s.parameters());
          Tensor mask = relu ? Tensor.empty(c.device(), DType.U8, plan.mask()) : null;
          plan.forwardTraining(x, gamma, gamma, c.output(s.image()), mean, variance, mask);
          double[] gradient = c.values(s.image());
          for (boolean training : new boolean[] {false, true}) {
            double[][] apart =
                gradients(c, plan, training, x, gradient, gamma, mean, variance, mask, false);
            double[][] inPlace =
                gradients(c, plan, training, x, gradient, gamma, mean, variance, mask, true);
            assertSame("dx", apart[0], inPlace[0]);
            assertSame("dgamma", apart[1], inPlace[1]);
            assertSame("dbeta", apart[2], inPlace[2]);
          }
        });
  }

  private static double[][] gradients(
      Case c,
      BatchNormPlan plan,
      boolean training,
      Tensor x,
      double[] gradient,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      boolean inPlace) {
    Tensor dy = c.tensor(x.shape(), gradient);
    Tensor dx = inPlace ? dy : c.output(x.shape());
    Tensor dgamma = c.output(DType.F32, gamma.shape());
    Tensor dbeta = c.output(DType.F32, gamma.shape());
    if (training) {
      plan.backwardTraining(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    } else {
      plan.backwardInference(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    }
    return new double[][] {read(dx), read(dgamma), read(dbeta)};
  }

  @TestFactory
  Stream<DynamicTest> movesTheRunningStatistics() {
    return onEveryDevice(
        10,
        c -> {
          BatchNormShape s = shape(c);
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, false));
          double[] mean = c.values(s.parameters());
          double[] variance = c.values(s.parameters());
          double[] runningMean = c.values(s.parameters());
          double[] runningVariance = c.values(s.parameters());
          float momentum = c.oneOf(0f, 0.1f, 0.5f, 1f);
          Tensor movedMean = c.tensor(s.parameters(), runningMean);
          Tensor movedVariance = c.tensor(s.parameters(), runningVariance);
          plan.updateRunning(
              c.tensor(s.parameters(), mean),
              c.tensor(s.parameters(), variance),
              momentum,
              movedMean,
              movedVariance);
          double m = s.valuesPerChannel();
          double[] unbiased = Arrays.stream(variance).map(v -> v * m / (m - 1)).toArray();
          assertClose(
              "mean",
              ReferenceBatchNorm.running(mean, momentum, runningMean),
              read(movedMean),
              1e-6);
          assertClose(
              "variance",
              ReferenceBatchNorm.running(unbiased, momentum, runningVariance),
              read(movedVariance),
              1e-6);
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          BatchNormShape s = new BatchNormShape(2, c.between(2, 5), c.between(1, 5), 3);
          double epsilon = 1e-3;
          double[] x = c.values(s.image());
          double[] gamma = c.values(s.parameters());
          double[] beta = c.values(s.parameters());
          double[] dy = c.values(s.image());
          double[] mean = ReferenceBatchNorm.mean(s, x);
          double[] variance = ReferenceBatchNorm.variance(s, x, mean);
          FiniteDifferences.check(
              "dx in training",
              v -> {
                double[] m = ReferenceBatchNorm.mean(s, v);
                double[] own = ReferenceBatchNorm.variance(s, v, m);
                return ReferenceBatchNorm.forward(s, v, gamma, beta, m, own, epsilon);
              },
              x,
              dy,
              ReferenceBatchNorm.backwardTraining(s, x, dy, gamma, mean, variance, epsilon));
          FiniteDifferences.check(
              "dx in inference",
              v -> ReferenceBatchNorm.forward(s, v, gamma, beta, mean, variance, epsilon),
              x,
              dy,
              ReferenceBatchNorm.backwardInference(s, dy, gamma, variance, epsilon));
          FiniteDifferences.check(
              "dgamma",
              v -> ReferenceBatchNorm.forward(s, x, v, beta, mean, variance, epsilon),
              gamma,
              dy,
              ReferenceBatchNorm.backwardGamma(s, x, dy, mean, variance, epsilon));
          FiniteDifferences.check(
              "dbeta",
              v -> ReferenceBatchNorm.forward(s, x, gamma, v, mean, variance, epsilon),
              beta,
              dy,
              ReferenceBatchNorm.backwardBeta(s, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(1, 2, 3, c.oneOf(2, 16));
          boolean relu = c.random().nextBoolean();
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, relu));
          double[] x = c.values(s.image());
          x[s.channels() + 1] = Double.NaN;
          Tensor gamma = c.tensor(DType.F32, s.parameters(), c.values(s.parameters()));
          Tensor y = c.output(s.image());
          Tensor mean = c.output(DType.F32, s.parameters());
          Tensor variance = c.output(DType.F32, s.parameters());
          Tensor mask = relu ? Tensor.empty(c.device(), DType.U8, plan.mask()) : null;
          plan.forwardTraining(c.tensor(s.image(), x), gamma, gamma, y, mean, variance, mask);
          assertTrue(Double.isNaN(read(mean)[1]));
          assertTrue(Double.isNaN(read(variance)[1]));
          double[] output = read(y);
          for (int i = 0; i < output.length; i++) {
            assertEquals(i % s.channels() == 1, Double.isNaN(output[i]), "y[" + i + "]");
          }
          double[] finite = c.values(s.image());
          plan.forwardInference(c.tensor(s.image(), finite), gamma, gamma, mean, gamma, y, null);
          assertTrue(Double.isNaN(read(y)[1]), "y of a mean that is NaN");
        });
  }

  @TestFactory
  Stream<DynamicTest> usesNoReferenceImplementation() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          for (BatchNormShape s :
              List.of(
                  new BatchNormShape(4, 256, 256, 32),
                  new BatchNormShape(4, 16, 16, 512),
                  new BatchNormShape(2, 32, 32, 33),
                  new BatchNormShape(2, 32, 32, 1))) {
            for (boolean relu : new boolean[] {false, true}) {
              implementations(c, new BatchNormPlan.Key(s, c.type(), 1e-5f, relu));
            }
          }
        });
  }

  private static void implementations(Case c, BatchNormPlan.Key key) {
    BatchNormPlan plan = BatchNormPlan.on(c.device(), key);
    Shape image = key.shape().image();
    Tensor x = Tensor.zeros(c.device(), key.type(), image);
    Tensor y = Tensor.zeros(c.device(), key.type(), image);
    Tensor p = Tensor.zeros(c.device(), DType.F32, key.shape().parameters());
    Tensor q = Tensor.zeros(c.device(), DType.F32, key.shape().parameters());
    Tensor mask = key.relu() ? Tensor.empty(c.device(), DType.U8, plan.mask()) : null;
    plan.forwardTraining(x, p, p, y, p, q, mask);
    plan.backwardTraining(x, x, p, p, q, mask, y, p, q);
    plan.forwardInference(x, p, p, p, q, y, null);
    plan.forwardInference(x, p, p, p, q, y, mask);
    plan.backwardInference(x, x, p, p, q, mask, y, p, q);
    assertFalse(plan.implementations().isEmpty());
    plan.implementations()
        .forEach(
            (use, name) -> {
              assertFalse(name.startsWith("ref") || name.startsWith("simple"), use + " " + name);
              if (key.shape().channels() % 16 == 0) {
                assertTrue(name.contains("jit") || name.equals("CUDA C"), use + " " + name);
              }
            });
    x.close();
    y.close();
  }
}
