package io.github.glia.nn;

/** What comes between a convolution and its ReLU. */
public enum Norm {
  BATCH,
  INSTANCE,
  GROUP,
  NONE
}
