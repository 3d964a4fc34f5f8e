package io.github.glia.unet.train;

/**
 * How long an epoch is.
 *
 * @param batches that it has
 * @param accumulate how many of them make a step; the last step may have fewer
 */
record EpochLength(int batches, int accumulate) {
  int steps() {
    return stepsUntil(batches);
  }

  /** How many steps have been made after some batches. */
  int stepsUntil(int batch) {
    return (batch + accumulate - 1) / accumulate;
  }

  /** How many batches the next step takes. */
  int batchesOfStep(int batch) {
    return Math.min(accumulate, batches - batch);
  }
}
