package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan on the CPU is called with. */
final class BatchNormArguments {
  private final BatchNormPlan plan;
  private final BatchNormPlan.Key key;

  BatchNormArguments(BatchNormPlan plan, BatchNormPlan.Key key) {
    this.plan = plan;
    this.key = key;
  }

  void backward(
      String direction,
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    image(direction, "x", x);
    image(direction, "dy", dy);
    parameter(direction, "gamma", gamma);
    parameter(direction, "mean", mean);
    parameter(direction, "variance", variance);
    mask(direction, mask);
    image(direction, "dx", dx);
    parameter(direction, "dgamma", dgamma);
    parameter(direction, "dbeta", dbeta);
  }

  void image(String direction, String argument, Tensor t) {
    check(direction, argument, t, key.type(), key.shape().image());
  }

  void parameter(String direction, String argument, Tensor t) {
    check(direction, argument, t, DType.F32, key.shape().parameters());
  }

  void mask(String direction, Tensor t) {
    if (key.relu()) {
      check(direction, "mask", t, DType.U8, plan.mask());
    } else if (t != null) {
      throw Check.failed("batchnorm " + direction, "the plan has no ReLU, but the mask is " + t);
    }
  }

  /** The variance of one value is 0, and would make every output β. */
  void severalValues(String direction) {
    if (key.shape().valuesPerChannel() == 1) {
      throw Check.failed(
          "batchnorm " + direction,
          "training needs more than one value a channel, but x is "
              + key.shape().image()
              + "; use a larger batch or image, or the statistics of inference");
    }
  }

  private static void check(String direction, String argument, Tensor t, DType type, Shape shape) {
    Check.tensor("batchnorm " + direction, argument, t, "cpu", type, shape);
  }
}
