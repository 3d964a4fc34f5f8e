package io.github.glia.kernels.groupnorm;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.batchnorm.BatchNormShape;
import io.github.glia.kernels.batchnorm.ReferenceBatchNorm;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class GroupNormContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static GroupNormShape shape(Case c) {
    while (true) {
      int groups = c.oneOf(1, 2, 3, 8, 16, 19);
      try {
        return new GroupNormShape(
            c.between(1, 4),
            c.oneOf(1, 2, 5, 13),
            c.between(1, 13),
            groups * c.oneOf(1, 1, 2, 3, 4),
            groups);
      } catch (IllegalArgumentException oneValueInAGroup) {
        // draw again
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(60, TYPES, c -> compare(c, shape(c), 0, 1e-5, c.tolerance()));
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          compare(c, new GroupNormShape(2, 128, 128, 32, 8), 0, 1e-5, c.tolerance());
          compare(c, new GroupNormShape(2, 16, 16, 512, 32), 0, 1e-5, c.tolerance());
          compare(c, new GroupNormShape(2, 64, 64, 64, 64), 0, 1e-5, c.tolerance());
        });
  }

  /** More channels than the threads of a block, in groups that its end divides. */
  @TestFactory
  Stream<DynamicTest> normalizesThousandsOfChannels() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          compare(c, new GroupNormShape(2, 3, c.between(2, 9), 300, 50), 0, 1e-5, c.tolerance());
          compare(c, new GroupNormShape(2, 3, c.between(2, 9), 2064, 3), 0, 1e-5, c.tolerance());
          compare(c, new GroupNormShape(2, 3, c.between(2, 9), 2056, 2056), 0, 1e-5, c.tolerance());
        });
  }

  /**
   * A variance by Σx² − (Σx)² would lose four of the seven digits of F32 here. What is allowed is
   * an F32 sum of 4200 values of one sign: 2e-6 of the mean, which is 2e-4 of the deviation.
   */
  @TestFactory
  Stream<DynamicTest> staysPreciseFarFromZero() {
    return onEveryDevice(
        4, c -> compare(c, new GroupNormShape(2, 60, 70, 32, c.oneOf(1, 8, 32)), 100, 2e-4, 2e-4));
  }

  /** The background of most images. 1 / √ε makes an error of the mean 316 times as large. */
  @TestFactory
  Stream<DynamicTest> aConstantImageHasNoVariance() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          GroupNormShape s = new GroupNormShape(1, 512, 511, 8, 4);
          GroupNormPlan plan =
              GroupNormPlan.on(c.device(), new GroupNormPlan.Key(s, c.type(), 1e-5f));
          double[] x = new double[(int) s.image().count()];
          Arrays.fill(x, 0.1f);
          double[] ones = new double[s.channels()];
          Arrays.fill(ones, 1);
          Tensor p = c.tensor(DType.F32, s.parameters(), ones);
          Tensor y = c.output(s.image());
          Tensor mean = c.output(DType.F32, s.statistics());
          Tensor variance = c.output(DType.F32, s.statistics());
          plan.forward(c.tensor(s.image(), x), p, p, y, mean, variance);
          for (double value : read(y)) {
            assertEquals(1, value, 1e-2, "y is beta");
          }
        });
  }

  private static void compare(
      Case c, GroupNormShape s, double center, double sumTolerance, double tolerance) {
    float epsilon = c.oneOf(1e-5f, 1e-3f);
    GroupNormPlan.Key key = new GroupNormPlan.Key(s, c.type(), epsilon);
    GroupNormPlan plan = GroupNormPlan.on(c.device(), key);
    double[] x = read(c.tensor(s.image(), plus(c.values(s.image()), center)));
    double[] gamma = c.values(s.parameters(), DType.F32);
    double[] beta = c.values(s.parameters(), DType.F32);
    double[] dy = c.values(s.image());

    Tensor xt = c.tensor(s.image(), x);
    Tensor gammaTensor = c.tensor(DType.F32, s.parameters(), gamma);
    Tensor y = c.output(s.image());
    Tensor mean = c.output(DType.F32, s.statistics());
    Tensor variance = c.output(DType.F32, s.statistics());
    Tensor dx = c.output(s.image());
    Tensor dgamma = c.output(DType.F32, s.parameters());
    Tensor dbeta = c.output(DType.F32, s.parameters());
    plan.forward(xt, gammaTensor, c.tensor(DType.F32, s.parameters(), beta), y, mean, variance);
    plan.backward(xt, c.tensor(s.image(), dy), gammaTensor, mean, variance, dx, dgamma, dbeta);

    double[] expectedMean = ReferenceGroupNorm.mean(s, x);
    double[] expectedVariance = ReferenceGroupNorm.variance(s, x, expectedMean);
    assertClose("mean " + key, plus(expectedMean, 1), plus(read(mean), 1), 2e-6);
    assertClose("variance " + key, expectedVariance, read(variance), sumTolerance);
    assertClose(
        "y " + key, ReferenceGroupNorm.forward(s, x, gamma, beta, epsilon), read(y), tolerance);
    // dx is a difference of terms as large as this one, and is nearly 0 where a group has few
    // values: the error is measured against the terms.
    double[] term = new double[x.length];
    int image = s.height() * s.width() * s.channels();
    for (int i = 0; i < x.length; i++) {
      int g = i / image * s.groups() + i % s.channels() / s.channelsPerGroup();
      term[i] = gamma[i % s.channels()] * dy[i] / Math.sqrt(expectedVariance[g] + epsilon);
    }
    double[] expectedDx = ReferenceGroupNorm.backwardData(s, x, dy, gamma, epsilon);
    assertClose("dx " + key, sum(expectedDx, term), sum(read(dx), term), tolerance);
    assertClose(
        "dgamma " + key,
        ReferenceGroupNorm.backwardGamma(s, x, dy, epsilon),
        read(dgamma),
        sumTolerance);
    assertClose("dbeta " + key, ReferenceGroupNorm.backwardBeta(s, dy), read(dbeta), 1e-5);
  }

  private static double[] plus(double[] values, double shift) {
    return Arrays.stream(values).map(v -> v + shift).toArray();
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }

  @TestFactory
  Stream<DynamicTest> oneGroupAChannelIsABatchNormOfEachImage() {
    return onEveryDevice(
        10,
        c -> {
          int channels = c.between(1, 5);
          GroupNormShape s = new GroupNormShape(1, c.between(2, 6), 5, channels, channels);
          BatchNormShape b = new BatchNormShape(1, s.height(), s.width(), channels);
          double[] x = c.values(s.image());
          double[] gamma = c.values(s.parameters());
          double[] beta = c.values(s.parameters());
          double[] dy = c.values(s.image());
          double[] mean = ReferenceBatchNorm.mean(b, x);
          double[] variance = ReferenceBatchNorm.variance(b, x, mean);
          assertClose(
              "y",
              ReferenceBatchNorm.forward(b, x, gamma, beta, mean, variance, 1e-5),
              ReferenceGroupNorm.forward(s, x, gamma, beta, 1e-5),
              1e-12);
          assertClose(
              "dx",
              ReferenceBatchNorm.backwardTraining(b, x, dy, gamma, mean, variance, 1e-5),
              ReferenceGroupNorm.backwardData(s, x, dy, gamma, 1e-5),
              1e-12);
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          int groups = c.oneOf(1, 2, 3);
          GroupNormShape s =
              new GroupNormShape(2, c.between(2, 4), c.between(2, 4), groups * 2, groups);
          double epsilon = 1e-3;
          double[] x = c.values(s.image());
          double[] gamma = c.values(s.parameters());
          double[] beta = c.values(s.parameters());
          double[] dy = c.values(s.image());
          FiniteDifferences.check(
              "dx",
              v -> ReferenceGroupNorm.forward(s, v, gamma, beta, epsilon),
              x,
              dy,
              ReferenceGroupNorm.backwardData(s, x, dy, gamma, epsilon));
          FiniteDifferences.check(
              "dgamma",
              v -> ReferenceGroupNorm.forward(s, x, v, beta, epsilon),
              gamma,
              dy,
              ReferenceGroupNorm.backwardGamma(s, x, dy, epsilon));
          FiniteDifferences.check(
              "dbeta",
              v -> ReferenceGroupNorm.forward(s, x, gamma, v, epsilon),
              beta,
              dy,
              ReferenceGroupNorm.backwardBeta(s, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOnInsideItsGroup() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          GroupNormShape s = new GroupNormShape(2, 2, 3, 4, 2);
          GroupNormPlan plan =
              GroupNormPlan.on(c.device(), new GroupNormPlan.Key(s, c.type(), 1e-5f));
          double[] x = c.values(s.image());
          x[24 + 2] = Double.NaN;
          Tensor xt = c.tensor(s.image(), x);
          Tensor p = c.tensor(DType.F32, s.parameters(), c.values(s.parameters()));
          Tensor y = c.output(s.image());
          Tensor mean = c.output(DType.F32, s.statistics());
          Tensor variance = c.output(DType.F32, s.statistics());
          plan.forward(xt, p, p, y, mean, variance);
          double[] output = read(y);
          for (int i = 0; i < output.length; i++) {
            boolean sameGroup = i >= 24 && i % 4 >= 2;
            assertEquals(sameGroup, Double.isNaN(output[i]), "y[" + i + "]");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> usesNoReferenceImplementation() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          implementations(c, new GroupNormShape(1, 256, 256, 32, 8));
          implementations(c, new GroupNormShape(1, 16, 16, 512, 32));
          implementations(c, new GroupNormShape(1, 32, 32, 33, 3));
          implementations(c, new GroupNormShape(1, 32, 32, 1, 1));
        });
  }

  private static void implementations(Case c, GroupNormShape s) {
    GroupNormPlan plan = GroupNormPlan.on(c.device(), new GroupNormPlan.Key(s, c.type(), 1e-5f));
    Tensor x = Tensor.zeros(c.device(), c.type(), s.image());
    Tensor y = Tensor.zeros(c.device(), c.type(), s.image());
    Tensor p = Tensor.zeros(c.device(), DType.F32, s.parameters());
    Tensor q = Tensor.zeros(c.device(), DType.F32, s.parameters());
    Tensor mean = Tensor.zeros(c.device(), DType.F32, s.statistics());
    Tensor variance = Tensor.zeros(c.device(), DType.F32, s.statistics());
    plan.forward(x, p, p, y, mean, variance);
    plan.backward(x, x, p, mean, variance, y, p, q);
    assertFalse(plan.implementations().isEmpty());
    plan.implementations()
        .forEach(
            (use, name) -> {
              assertFalse(name.startsWith("ref") || name.startsWith("simple"), use + " " + name);
              if (s.channels() % 16 == 0) {
                assertTrue(name.contains("jit") || name.equals("CUDA C"), use + " " + name);
              }
            });
    x.close();
    y.close();
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          GroupNormShape s = new GroupNormShape(2, 4, 4, 6, 3);
          GroupNormPlan plan =
              GroupNormPlan.on(c.device(), new GroupNormPlan.Key(s, c.type(), 1e-5f));
          Tensor x = c.output(s.image());
          Tensor y = c.output(s.image());
          Tensor p = c.output(s.parameters());
          Tensor q = c.output(s.statistics());
          refused("x is null", () -> plan.forward(null, p, p, y, q, q));
          refused("gamma must have the shape [6]", () -> plan.forward(x, q, p, y, q, q));
          refused("beta is null", () -> plan.forward(x, p, null, y, q, q));
          refused(
              "y must be F32", () -> plan.forward(x, p, p, c.output(DType.U8, s.image()), q, q));
          refused("mean must have the shape [2, 3]", () -> plan.forward(x, p, p, y, p, q));
          refused("variance is null", () -> plan.forward(x, p, p, y, q, null));
          refused("dy is null", () -> plan.backward(x, null, p, q, q, y, p, p));
          refused("dx is null", () -> plan.backward(x, x, p, q, q, null, p, p));
          refused("dgamma must have", () -> plan.backward(x, x, p, q, q, y, q, p));
          refused("dbeta is null", () -> plan.backward(x, x, p, q, q, y, p, null));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, p, p, y, q, q));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("batch must be at least 1", () -> new GroupNormShape(0, 2, 2, 4, 2));
    refused("height must be at least 1", () -> new GroupNormShape(1, 0, 2, 4, 2));
    refused("width must be at least 1", () -> new GroupNormShape(1, 2, -2, 4, 2));
    refused("channels must be at least 1", () -> new GroupNormShape(1, 2, 2, 0, 2));
    refused("groups must be at least 1", () -> new GroupNormShape(1, 2, 2, 4, 0));
    refused("3 groups do not divide 4 channels", () -> new GroupNormShape(1, 2, 2, 4, 3));
    refused("one value a group", () -> new GroupNormShape(2, 1, 1, 4, 4));
    GroupNormShape s = new GroupNormShape(1, 2, 2, 4, 2);
    refused("epsilon must be a positive number", () -> new GroupNormPlan.Key(s, DType.F32, -1e-5f));
  }
}
