/** Transposed convolution in two dimensions. */
package io.github.glia.kernels.convtranspose;
