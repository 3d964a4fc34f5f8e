/** Convolution in two dimensions. */
package io.github.glia.kernels.conv;
