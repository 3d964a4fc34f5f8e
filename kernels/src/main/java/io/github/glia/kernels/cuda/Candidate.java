package io.github.glia.kernels.cuda;

import jcuda.jcudnn.cudnnDeterminism;

/**
 * What cuDNN says of an algorithm.
 *
 * @param math the arithmetic that it was measured with
 * @param works whether it computes the shapes and types at hand
 * @param deterministic whether it gives the same bits each time
 */
record Candidate(int number, int math, boolean works, boolean deterministic) {
  /** In cuDNN's words. */
  static Candidate of(int number, int math, int status, int determinism) {
    return new Candidate(
        number, math, status == 0, determinism == cudnnDeterminism.CUDNN_DETERMINISTIC);
  }
}
