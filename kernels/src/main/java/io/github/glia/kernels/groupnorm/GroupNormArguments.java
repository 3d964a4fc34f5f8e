package io.github.glia.kernels.groupnorm;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan is called with. */
final class GroupNormArguments {
  private final String device;
  private final GroupNormPlan.Key key;
  private final Shape image;
  private final Shape parameters;
  private final Shape statistics;

  /**
   * @param device the name of the plan's device
   */
  GroupNormArguments(String device, GroupNormPlan.Key key) {
    this.device = device;
    this.key = key;
    image = key.shape().image();
    parameters = key.shape().parameters();
    statistics = key.shape().statistics();
  }

  void forward(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance) {
    String direction = "forward";
    image(direction, "x", x);
    parameter(direction, "gamma", gamma);
    parameter(direction, "beta", beta);
    image(direction, "y", y);
    statistic(direction, "mean", mean);
    statistic(direction, "variance", variance);
  }

  void backward(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    String direction = "backward";
    image(direction, "x", x);
    image(direction, "dy", dy);
    parameter(direction, "gamma", gamma);
    statistic(direction, "mean", mean);
    statistic(direction, "variance", variance);
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

  private void statistic(String direction, String argument, Tensor t) {
    check(direction, argument, t, DType.F32, statistics);
  }

  private void check(String direction, String argument, Tensor t, DType type, Shape shape) {
    Check.tensor("groupnorm", direction, argument, t, device, type, shape);
  }
}
