package io.github.glia.kernels.loss;

/**
 * A loss and its parameters. Each takes logits x and the truth t, and gives one number L, over the
 * whole batch: sums run over all images, pixels and channels.
 *
 * <p>In the formulas, p = σ(x) = 1 / (1 + e⁻ˣ) is the probability, whose derivative is dp/dx = p ·
 * (1 − p), and N is the number of elements.
 */
public sealed interface Loss permits Dice, Bce, BceDice, Tversky, Focal, Jaccard, CrossEntropy {}
