/** Softmax over the last dimension. */
package io.github.glia.kernels.softmax;
