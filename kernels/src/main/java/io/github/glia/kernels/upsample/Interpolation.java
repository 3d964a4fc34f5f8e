package io.github.glia.kernels.upsample;

/** What a larger image has between the elements of the smaller one. */
public enum Interpolation {
  /** The nearest element. */
  NEAREST,
  /** A mean of the four around it, by distance; beyond the outermost ones, these. */
  BILINEAR
}
