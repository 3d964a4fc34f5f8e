package io.github.glia.kernels.cuda;

/**
 * How cuDNN computes a convolution.
 *
 * @param number cuDNN's number of the algorithm
 * @param math cuDNN's number of the arithmetic: with or without tensor cores
 */
record Algorithm(int number, int math) {}
