package io.github.glia.kernels.cuda;

import io.github.glia.tensor.OutOfDeviceMemoryException;
import java.util.List;
import jcuda.driver.JCudaDriver;

/**
 * Chooses algorithms of convolutions: the one that was the fastest in a measurement on this GPU,
 * which is remembered in a file too. Where the device is to be deterministic nothing is measured,
 * since the next run might measure otherwise: then it is cuDNN's own guess, among those that give
 * the same bits each time.
 */
final class Algorithms {
  private static final long LARGEST_WORKSPACE = 1L << 30;

  /** What part of the free memory a workspace may take. */
  private static final int SHARE_OF_FREE_MEMORY = 4;

  private static final System.Logger LOG = System.getLogger(Algorithms.class.getName());

  private final CudaBackend cuda;
  private final AlgorithmFile measured;
  private String device;

  Algorithms(CudaBackend cuda, AlgorithmFile measured) {
    this.cuda = cuda;
    this.measured = measured;
  }

  /** Chooses one for a direction of a convolution. */
  void choose(ConvolutionDirection direction) {
    direction.choose(
        cuda.isDeterministic()
            ? guess(direction, true, LARGEST_WORKSPACE)
            : fastest(direction, workspaceLimit()));
  }

  private Algorithm fastest(ConvolutionDirection direction, long limit) {
    String question = device() + "; " + direction.question();
    Algorithm known = measured.get(question);
    if (known != null && direction.fits(known, limit)) {
      return known;
    }
    if (cuda.recording() != null) {
      throw new UnsupportedOperationException(
          direction.name()
              + " cannot be recorded before its algorithms have been measured; do the step once,"
              + " and then record it");
    }
    Algorithm best;
    try {
      best = measure(direction, limit);
    } catch (OutOfDeviceMemoryException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          direction.name() + ": too little memory to measure algorithms, cuDNN chooses unmeasured");
      return guess(direction, false, limit);
    }
    measured.put(question, best);
    return best;
  }

  /** Measures on memory of its own: what is computed there is of no use to anybody. */
  private Algorithm measure(ConvolutionDirection direction, long limit) {
    long operandBytes = direction.operandsAt(0).bytes();
    long scratchBytes = direction.largestWorkspace(limit);
    long memory = cuda.allocate(operandBytes + scratchBytes);
    try {
      cuda.zero(memory, operandBytes);
      direction.setPreferredMath();
      List<Candidate> candidates =
          direction.measure(
              direction.operandsAt(memory), cuda.at(memory + operandBytes), scratchBytes);
      return present(direction, direction.firstOf(candidates, false, limit), limit);
    } finally {
      cuda.free(memory);
    }
  }

  private Algorithm guess(ConvolutionDirection direction, boolean deterministic, long limit) {
    direction.setPreferredMath();
    return present(direction, direction.firstOf(direction.guess(), deterministic, limit), limit);
  }

  private Algorithm present(ConvolutionDirection direction, Algorithm found, long limit) {
    if (found == null) {
      throw cuda.failure(
          String.format(
              "%s: cuDNN has no algorithm for this in %,d bytes of workspace; use another type"
                  + " or a smaller batch, or --device cpu",
              direction.name(), limit));
    }
    return found;
  }

  private long workspaceLimit() {
    long[] free = new long[1];
    long[] total = new long[1];
    cuda.check(JCudaDriver.cuMemGetInfo(free, total), "ask for free memory");
    return Math.min(LARGEST_WORKSPACE, free[0] / SHARE_OF_FREE_MEMORY);
  }

  /** GPU, driver and cuDNN with their versions: measurements hold for these. */
  private String device() {
    if (device == null) {
      device = cuda.description();
    }
    return device;
  }
}
