/** The average of each channel over the whole image. */
package io.github.glia.kernels.globalavgpool;
