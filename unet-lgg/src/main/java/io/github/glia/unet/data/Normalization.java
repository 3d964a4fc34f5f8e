package io.github.glia.unet.data;

/** How measured intensities become 0 to 1. */
public enum Normalization {
  /**
   * Stretched so that, of the pixels that are not zero, the darkest 1 % become 0 and the brightest
   * 0.5 % become 1; for each channel of each volume by itself, because MRI has no absolute scale.
   */
  PERCENTILE,

  /**
   * Divided by the largest value that the file format can hold; a NIfTI volume, which has no such
   * value, goes from its smallest to its largest voxel.
   */
  PLAIN
}
