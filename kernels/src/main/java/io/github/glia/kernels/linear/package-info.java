/** The affine map of rows of features. */
package io.github.glia.kernels.linear;
