package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;

/**
 * One minus the Tversky index: Dice with weights of its own for both kinds of error (α = β = ½ is
 * Dice with twice the smoothing). With TP = Σ p·t, FP = Σ p·(1 − t), FN = Σ (1 − p)·t and D = TP +
 * α·FP + β·FN + s:
 *
 * <pre>
 *   L     = 1 − (TP + s) / D
 *   dL/dp = (TP + s) · (t + α·(1 − t) − β·t) / D² − t / D
 *   dL/dx = dL/dp · p · (1 − p)
 * </pre>
 *
 * @param alpha the weight of false positives
 * @param beta the weight of false negatives
 * @param smooth s, which keeps an empty image from dividing zero by zero
 */
public record Tversky(float alpha, float beta, float smooth) implements Loss {
  public Tversky {
    Check.notNegative("tversky loss", "alpha", alpha);
    Check.notNegative("tversky loss", "beta", beta);
    Check.notNegative("tversky loss", "smooth", smooth);
  }
}
