/** Sums, products and multiples, element by element. */
package io.github.glia.kernels.elementwise;
