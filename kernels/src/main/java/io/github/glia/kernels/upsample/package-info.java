/** Larger images, by nearest neighbour or bilinear interpolation. */
package io.github.glia.kernels.upsample;
