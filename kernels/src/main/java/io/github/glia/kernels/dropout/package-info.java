/** Dropout. */
package io.github.glia.kernels.dropout;
