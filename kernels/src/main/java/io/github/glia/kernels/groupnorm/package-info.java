/** Group normalization of images, and instance normalization, which is one group a channel. */
package io.github.glia.kernels.groupnorm;
