/** Conversion from one element type to another. */
package io.github.glia.kernels.cast;
