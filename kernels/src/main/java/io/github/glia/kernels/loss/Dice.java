package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;

/**
 * One minus the Dice coefficient of probabilities and truth. With I = Σ p·t, P = Σ p, T = Σ t:
 *
 * <pre>
 *   L     = 1 − (2·I + s) / (P + T + s)
 *   dL/dp = (2·I + s) / (P + T + s)² − 2·t / (P + T + s)
 *   dL/dx = dL/dp · p · (1 − p)
 * </pre>
 *
 * @param smooth s, which keeps an empty image from dividing zero by zero
 */
public record Dice(float smooth) implements Loss {
  public Dice {
    Check.notNegative("dice loss", "smooth", smooth);
  }
}
