package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;

/**
 * Binary cross entropy that counts an element the less, the better it is known already (Lin et al.,
 * "Focal loss for dense object detection", 2017). With B the {@link Bce} of one element and q =
 * t·(1 − p) + (1 − t)·p the probability of being wrong:
 *
 * <pre>
 *   L     = 1/N · Σ q^γ · B
 *   dL/dx = 1/N · q^γ · (γ · (1 − 2·t) · p · (1 − p) / q · B + p − t)
 * </pre>
 *
 * <p>PyTorch equivalent: {@code torchvision.ops.sigmoid_focal_loss(x, t, alpha=-1, gamma=gamma,
 * reduction="mean")}.
 *
 * @param gamma γ; 0 is plain cross entropy
 */
public record Focal(float gamma) implements Loss {
  public Focal {
    Check.notNegative("focal loss", "gamma", gamma);
  }
}
