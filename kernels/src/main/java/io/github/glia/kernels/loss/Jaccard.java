package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;

/**
 * One minus the Jaccard index (intersection over union) of probabilities and truth. With I = Σ p·t,
 * P = Σ p, T = Σ t and the union U = P + T − I + s:
 *
 * <pre>
 *   L     = 1 − (I + s) / U
 *   dL/dp = (I + s) · (1 − t) / U² − t / U
 *   dL/dx = dL/dp · p · (1 − p)
 * </pre>
 *
 * @param smooth s, which keeps an empty image from dividing zero by zero
 */
public record Jaccard(float smooth) implements Loss {
  public Jaccard {
    Check.notNegative("jaccard loss", "smooth", smooth);
  }
}
