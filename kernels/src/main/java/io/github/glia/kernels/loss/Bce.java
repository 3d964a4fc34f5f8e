package io.github.glia.kernels.loss;

/**
 * Binary cross entropy, the mean of all elements, in a form that holds for any logit:
 *
 * <pre>
 *   L     = 1/N · Σ −t · log p − (1 − t) · log(1 − p)
 *         = 1/N · Σ max(x, 0) − x·t + log(1 + e^−|x|)
 *   dL/dx = 1/N · (p − t)
 * </pre>
 *
 * PyTorch equivalent: {@code torch.nn.functional.binary_cross_entropy_with_logits(x, t)}.
 */
public record Bce() implements Loss {}
