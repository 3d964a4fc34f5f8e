package io.github.glia.unet.evaluate;

/**
 * What became of one slice.
 *
 * @param number of the slice
 * @param peak the highest probability where there is tumour; not a number where there is none
 */
record SliceResult(int number, Mask truth, Mask prediction, Scores scores, double peak) {}
