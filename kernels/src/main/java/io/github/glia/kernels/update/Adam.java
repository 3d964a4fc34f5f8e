package io.github.glia.kernels.update;

import io.github.glia.kernels.Check;

/**
 * The parameters of Adam and AdamW.
 *
 * @param beta1 the part of the mean of gradients that stays from step to step
 * @param beta2 the part of the mean of squared gradients that stays
 * @param epsilon keeps gradients of 0 from dividing by 0
 * @param weightDecay times the weights is added to the gradients (Adam) or, with the learning rate,
 *     taken from the weights (AdamW)
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay) {
  public Adam {
    requireDecay("beta1", beta1);
    requireDecay("beta2", beta2);
    Check.notNegative("adam", "epsilon", epsilon);
    if (epsilon == 0) {
      throw Check.failed("adam", "epsilon must be greater than 0");
    }
    Check.notNegative("adam", "weight decay", weightDecay);
  }

  private static void requireDecay(String name, double beta) {
    if (!(beta >= 0 && beta < 1)) {
      throw Check.failed("adam", name + " must be at least 0 and less than 1, but is " + beta);
    }
  }
}
