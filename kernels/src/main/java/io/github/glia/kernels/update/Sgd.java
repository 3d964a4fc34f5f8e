package io.github.glia.kernels.update;

import io.github.glia.kernels.Check;

/**
 * The parameters of stochastic gradient descent.
 *
 * @param momentum the part of the velocity that stays from step to step; 0 has no velocity
 * @param nesterov whether a step looks ahead along the velocity
 * @param weightDecay times the weights is added to the gradients
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) {
  public Sgd {
    Check.notNegative("sgd", "momentum", momentum);
    Check.notNegative("sgd", "weight decay", weightDecay);
    if (nesterov && momentum == 0) {
      throw Check.failed("sgd", "nesterov needs a momentum, but it is 0");
    }
  }

  public boolean hasVelocity() {
    return momentum > 0;
  }
}
