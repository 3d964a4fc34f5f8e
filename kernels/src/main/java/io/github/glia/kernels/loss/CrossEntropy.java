package io.github.glia.kernels.loss;

/**
 * Cross entropy of classes, the mean of all pixels. A channel is a class, the truth holds the index
 * t of the true class of each of the N pixels, and p = softmax(x):
 *
 * <pre>
 *   L         = 1/N · Σ −log p[t]  =  1/N · Σ (log Σ(k) e^x[k] − x[t])
 *   dL/dx[k]  = 1/N · (p[k] − (k = t ? 1 : 0))
 * </pre>
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.cross_entropy(x, t)}, whose classes are the
 * second dimension.
 */
public record CrossEntropy() implements Loss {}
