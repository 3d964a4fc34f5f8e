package io.github.glia.benchmarks;

import io.github.glia.kernels.batchnorm.BatchNormPlan;
import io.github.glia.kernels.batchnorm.BatchNormShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Batch norm and ReLU in training; at inference both are part of the convolution. */
public class BatchNormBenchmark extends KernelBenchmark {
  /** CHANNELS@SIZE. */
  @Param("all")
  public String norm;

  @Param({"forward", "backward"})
  public String direction;

  @Override
  Work prepare() {
    int[] n = Layers.numbers(norm);
    BatchNormShape shape = new BatchNormShape(batch, n[1], n[1], n[0]);
    BatchNormPlan plan =
        BatchNormPlan.on(device(), new BatchNormPlan.Key(shape, type(), 1e-5f, true));
    Tensor x = random(shape.image());
    Tensor y = empty(shape.image());
    Tensor gamma = random(DType.F32, shape.parameters());
    Tensor beta = random(DType.F32, shape.parameters());
    Tensor mean = gamma.emptyLike();
    Tensor variance = gamma.emptyLike();
    Tensor mask = Tensor.empty(device(), DType.U8, plan.mask());
    plan.forwardTraining(x, gamma, beta, y, mean, variance, mask);
    return switch (direction) {
      case "forward" ->
          moving(
              () -> plan.forwardTraining(x, gamma, beta, y, mean, variance, mask),
              plan,
              x,
              y,
              mask);
      case "backward" -> {
        Tensor dx = x.emptyLike();
        Tensor dgamma = gamma.emptyLike();
        Tensor dbeta = beta.emptyLike();
        yield moving(
            () -> plan.backwardTraining(x, y, gamma, mean, variance, mask, dx, dgamma, dbeta),
            plan,
            x,
            y,
            mask,
            dx);
      }
      default -> throw noSuchDirection(direction);
    };
  }
}
