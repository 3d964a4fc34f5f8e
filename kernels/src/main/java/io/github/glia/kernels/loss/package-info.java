/** Losses: how far logits are from the truth, and the gradient of that by the logits. */
package io.github.glia.kernels.loss;
