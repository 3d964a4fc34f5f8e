package io.github.glia.kernels.cuda;

/**
 * One of cuDNN's ways to compute a convolution.
 *
 * @param number cuDNN's
 * @param deterministic whether it gives the same bits each time
 */
record Algorithm(int number, String name, boolean deterministic) {}
