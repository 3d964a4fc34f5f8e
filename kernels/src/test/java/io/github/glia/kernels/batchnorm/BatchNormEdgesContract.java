package io.github.glia.kernels.batchnorm;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Long sums, constant images, unusual shapes and addresses, and what is not finite. */
final class BatchNormEdgesContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  /** An F32 sum of two million values around 100 swallows a part of each: its mean is off by 1. */
  @TestFactory
  Stream<DynamicTest> measuresMillionsOfValuesFarFromZero() {
    return onEveryDevice(
        2,
        c -> {
          BatchNormShape s = new BatchNormShape(2, 1024, 1023, c.oneOf(1, 2));
          double[] x = c.values(s.image());
          Arrays.setAll(x, i -> (float) (100 + x[i]));
          double[] mean = ReferenceBatchNorm.mean(s, x);
          double[] variance = ReferenceBatchNorm.variance(s, x, mean);
          Training training = new Training(c, s, x);
          for (int i = 0; i < s.channels(); i++) {
            assertEquals(mean[i], read(training.mean)[i], 1e-3, "the mean");
            assertEquals(variance[i], read(training.variance)[i], 1e-3, "the variance");
          }
          double[] ones = new double[s.channels()];
          Arrays.fill(ones, 1);
          double[] y = ReferenceBatchNorm.forward(s, x, ones, ones, mean, variance, 1e-5);
          Arrays.setAll(y, i -> Math.max(0, y[i]));
          assertClose("y", y, read(training.y), 1e-3);
        });
  }

  /** The background of most images. 1 / √ε makes an error of the mean 316 times as large. */
  @TestFactory
  Stream<DynamicTest> aConstantImageHasNoVariance() {
    return onEveryDevice(
        1,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(4, 256, 255, c.oneOf(8, 19));
          double[] x = new double[(int) s.image().count()];
          Arrays.fill(x, 0.1f);
          Training training = new Training(c, s, x);
          for (double value : read(training.y)) {
            assertEquals(1, value, 1e-2, "y is beta");
          }
          for (double value : read(training.variance)) {
            assertEquals(0, value, 1e-8);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> givenStatisticsKeepNan() {
    return onEveryDevice(
        6,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(1, 3, 3, c.oneOf(2, 16));
          boolean relu = c.random().nextBoolean();
          BatchNormPlan plan =
              BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, relu));
          double[] x = c.values(s.image());
          x[s.channels()] = Double.NaN;
          x[2 * s.channels() + 1] = Double.POSITIVE_INFINITY;
          x[3 * s.channels()] = Double.NEGATIVE_INFINITY;
          double[] ones = new double[s.channels()];
          Arrays.fill(ones, 1);
          double[] scale = ones.clone();
          scale[1] = 0;
          Tensor gamma = c.tensor(DType.F32, s.parameters(), scale);
          Tensor one = c.tensor(DType.F32, s.parameters(), ones);
          Tensor y = c.output(s.image());
          Tensor mask = relu && c.random().nextBoolean() ? mask(c, plan) : null;
          plan.forwardInference(c.tensor(s.image(), x), gamma, one, one, one, y, mask);
          double[] output = read(y);
          for (int i = 0; i < output.length; i++) {
            boolean nan = i == s.channels() || i == 2 * s.channels() + 1;
            assertEquals(nan, Double.isNaN(output[i]), "y[" + i + "] of " + x[i]);
          }
        });
  }

  /** More channels than the threads of a block. */
  @TestFactory
  Stream<DynamicTest> normalizesThousandsOfChannels() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(2, 3, c.between(1, 40), c.oneOf(300, 2056, 4096));
          new BatchNormComparison(c, s, 0).training();
          new BatchNormComparison(c, s, 0).inference();
        });
  }

  @TestFactory
  Stream<DynamicTest> takesViewsThatBeginAnywhere() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(2, 3, 5, c.oneOf(3, 8, 32));
          double[] x = c.values(s.image());
          double[] dy = c.values(s.image());
          Gradients whole = new Gradients(c, s, c.tensor(s.image(), x), c.tensor(s.image(), dy));
          Gradients views = new Gradients(c, s, view(c, s, x), view(c, s, dy));
          whole.assertEqual(views);
        });
  }

  /** Long sums, which many threads share. */
  @TestFactory
  Stream<DynamicTest> givesTheSameBitsEachTime() {
    return onEveryDevice(
        2,
        TYPES,
        c -> {
          BatchNormShape s = new BatchNormShape(2, 128, 120, c.oneOf(3, 16));
          Tensor x = c.tensor(s.image(), c.values(s.image()));
          Tensor dy = c.tensor(s.image(), c.values(s.image()));
          new Gradients(c, s, x, dy).assertEqual(new Gradients(c, s, x, dy));
        });
  }

  private static Tensor view(Case c, BatchNormShape s, double[] values) {
    int count = values.length;
    double[] shifted = new double[count + 1];
    System.arraycopy(values, 0, shifted, 1, count);
    return c.tensor(Shape.of(count + 1), shifted).slice(1, count + 1).reshape(s.image());
  }

  /** What training and its backward give, with a fused ReLU; y and dx begin where x does. */
  private static final class Gradients {
    final List<Tensor> results;

    Gradients(Case c, BatchNormShape s, Tensor x, Tensor dy) {
      BatchNormPlan plan =
          BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, true));
      double[] scales = new double[s.channels()];
      Arrays.setAll(scales, i -> 1 + i % 5);
      Tensor gamma = c.tensor(DType.F32, s.parameters(), scales);
      boolean viewed = x.address() % 16 != 0;
      double[] poison = new double[(int) s.image().count()];
      Arrays.fill(poison, Double.NaN);
      Tensor y = viewed ? view(c, s, poison) : c.output(s.image());
      Tensor dx = viewed ? view(c, s, poison) : c.output(s.image());
      Tensor mean = c.output(DType.F32, s.parameters());
      Tensor variance = c.output(DType.F32, s.parameters());
      Tensor dgamma = c.output(DType.F32, s.parameters());
      Tensor dbeta = c.output(DType.F32, s.parameters());
      Tensor mask = mask(c, plan);
      plan.forwardTraining(x, gamma, gamma, y, mean, variance, mask);
      plan.backwardTraining(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
      results = List.of(y, mean, variance, dx, dgamma, dbeta);
    }

    void assertEqual(Gradients other) {
      for (int i = 0; i < results.size(); i++) {
        assertSame("result " + i, read(results.get(i)), read(other.results.get(i)));
      }
    }
  }

  /** What training on x gives, with γ = β = 1 and a fused ReLU. */
  private static final class Training {
    final Tensor y;
    final Tensor mean;
    final Tensor variance;

    Training(Case c, BatchNormShape s, double[] x) {
      BatchNormPlan plan =
          BatchNormPlan.on(c.device(), new BatchNormPlan.Key(s, c.type(), 1e-5f, true));
      double[] values = new double[s.channels()];
      Arrays.fill(values, 1);
      Tensor p = c.tensor(DType.F32, s.parameters(), values);
      y = c.output(s.image());
      mean = c.output(DType.F32, s.parameters());
      variance = c.output(DType.F32, s.parameters());
      plan.forwardTraining(c.tensor(s.image(), x), p, p, y, mean, variance, mask(c, plan));
      assertTrue(plan.implementations().values().stream().noneMatch(n -> n.startsWith("ref")));
    }
  }

  private static Tensor mask(Case c, BatchNormPlan plan) {
    return Tensor.empty(c.device(), DType.U8, plan.mask());
  }
}
