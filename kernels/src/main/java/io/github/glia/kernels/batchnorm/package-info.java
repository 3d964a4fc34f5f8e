/** Batch normalization of images. */
package io.github.glia.kernels.batchnorm;
