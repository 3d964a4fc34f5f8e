package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan is called with. */
final class BatchNormArguments {
  private final String device;
  private final BatchNormPlan plan;
  private final BatchNormPlan.Key key;
  private final Shape image;
  private final Shape parameters;

  /**
   * @param device the name of the plan's device
   */
  BatchNormArguments(String device, BatchNormPlan plan, BatchNormPlan.Key key) {
    this.device = device;
    this.plan = plan;
    this.key = key;
    this.image = key.shape().image();
    this.parameters = key.shape().parameters();
  }

  void forwardTraining(
      Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance, Tensor mask) {
    String direction = "forwardTraining";
    forward(direction, x, gamma, beta, mean, variance, y);
    mask(direction, mask);
    severalValues(direction);
  }

  void forwardInference(
      Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, Tensor y, Tensor mask) {
    String direction = "forwardInference";
    forward(direction, x, gamma, beta, mean, variance, y);
    if (mask != null) {
      mask(direction, mask);
    }
  }

  void backwardTraining(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    String direction = "backwardTraining";
    backward(direction, x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    severalValues(direction);
  }

  void backwardInference(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    backward("backwardInference", x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
  }

  void updateRunning(
      Tensor mean, Tensor variance, float momentum, Tensor runningMean, Tensor runningVariance) {
    String direction = "updateRunning";
    parameter(direction, "mean", mean);
    parameter(direction, "variance", variance);
    parameter(direction, "runningMean", runningMean);
    parameter(direction, "runningVariance", runningVariance);
    severalValues(direction);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw Check.failed(
          "batchnorm " + direction, "momentum must be from 0 to 1, but is " + momentum);
    }
  }

  private void forward(
      String direction,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor variance,
      Tensor y) {
    image(direction, "x", x);
    parameter(direction, "gamma", gamma);
    parameter(direction, "beta", beta);
    parameter(direction, "mean", mean);
    parameter(direction, "variance", variance);
    image(direction, "y", y);
  }

  private void backward(
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

  private void image(String direction, String argument, Tensor t) {
    check(direction, argument, t, key.type(), image);
  }

  private void parameter(String direction, String argument, Tensor t) {
    check(direction, argument, t, DType.F32, parameters);
  }

  private void mask(String direction, Tensor t) {
    if (key.relu()) {
      check(direction, "mask", t, DType.U8, plan.mask());
    } else if (t != null) {
      throw Check.failed("batchnorm " + direction, "the plan has no ReLU, but the mask is " + t);
    }
  }

  /** The variance of one value is 0, and would make every output β. */
  private void severalValues(String direction) {
    if (key.shape().valuesPerChannel() == 1) {
      throw Check.failed(
          "batchnorm " + direction,
          "training needs more than one value a channel, but x is "
              + key.shape().image()
              + "; use a larger batch or image, or the statistics of inference");
    }
  }

  private void check(String direction, String argument, Tensor t, DType type, Shape shape) {
    Check.tensor("batchnorm", direction, argument, t, device, type, shape);
  }
}
