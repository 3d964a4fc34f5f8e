package io.github.glia.unet.data;

/** How measured intensities become 0 to 1. */
public enum Normalization {
  /**
   * Stretched so that, of the pixels that are not zero, the darkest 1 % become 0 and the brightest
   * 0.5 % become 1; for each channel of each volume by itself, because MRI has no absolute scale.
   */
  PERCENTILE,

  /**
   * Divided by the largest value that 8 or 16 bits can hold; samples that are signed or real, as in
   * NIfTI volumes, go from their smallest to their largest value.
   */
  PLAIN
}
