/** The sum or mean of all elements. */
package io.github.glia.kernels.reduce;
