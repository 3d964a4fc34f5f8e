/** Activations: ReLU, leaky ReLU and sigmoid. */
package io.github.glia.kernels.activation;
