package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;

/**
 * The sum of {@link Bce} and {@link Dice}.
 *
 * @param smooth of Dice
 */
public record BceDice(float smooth) implements Loss {
  public BceDice {
    Check.notNegative("bce + dice loss", "smooth", smooth);
  }
}
