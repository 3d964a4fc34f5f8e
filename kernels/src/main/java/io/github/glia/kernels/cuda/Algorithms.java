package io.github.glia.kernels.cuda;

import java.util.Comparator;
import java.util.List;
import jcuda.driver.JCudaDriver;

/**
 * Chooses algorithms of convolutions: the one that was the fastest in a measurement on this GPU,
 * which is remembered in a file too. Where the device is to be deterministic nothing is measured,
 * since the next run might measure otherwise: then it is the first that gives the same bits each
 * time.
 */
final class Algorithms {
  private static final long LARGEST_WORKSPACE = 1L << 30;

  /** Below what stands for an algorithm that does not compute at all. */
  private static final long ANY_WORKSPACE = Long.MAX_VALUE - 1;

  /** What part of the free memory a workspace may take. */
  private static final int SHARE_OF_FREE_MEMORY = 4;

  private static final int ROUNDS = 2;
  private static final int RUNS_OF_A_ROUND = 3;
  private static final System.Logger LOG = System.getLogger(Algorithms.class.getName());

  private final CudaBackend cuda;
  private final AlgorithmFile measured;
  private String device;

  Algorithms(CudaBackend cuda, AlgorithmFile measured) {
    this.cuda = cuda;
    this.measured = measured;
  }

  /** Chooses one for a direction of a convolution. For callers that hold the lock. */
  void choose(ConvolutionDirection direction) {
    boolean deterministic = cuda.isDeterministic();
    long limit =
        deterministic
            ? LARGEST_WORKSPACE
            : Math.min(LARGEST_WORKSPACE, freeMemory(direction) / SHARE_OF_FREE_MEMORY);
    List<Algorithm> usable = direction.usable(deterministic, limit);
    if (usable.isEmpty()) {
      usable = List.of(leastOf(direction, direction.usable(deterministic, ANY_WORKSPACE)));
    }
    direction.use(deterministic || usable.size() == 1 ? usable.get(0) : fastest(direction, usable));
  }

  /** Better one that needs much than none; if memory has no room for it, that is said then. */
  private Algorithm leastOf(ConvolutionDirection direction, List<Algorithm> usable) {
    return usable.stream()
        .min(Comparator.comparingLong(direction::workspaceOf))
        .orElseThrow(() -> noneFor(direction));
  }

  private Algorithm fastest(ConvolutionDirection direction, List<Algorithm> usable) {
    String question = device() + "; " + direction.question();
    String known = measured.get(question);
    for (Algorithm algorithm : usable) {
      if (algorithm.name().equals(known)) {
        return algorithm;
      }
    }
    if (cuda.recording() != null) {
      throw new UnsupportedOperationException(
          direction.name()
              + " cannot be recorded before its algorithms have been measured; do the step once,"
              + " and then record it");
    }
    long largest = usable.stream().mapToLong(direction::workspaceOf).max().getAsLong();
    long bytes = direction.operandBytes() + largest;
    if (bytes > freeMemory(direction) / 2) {
      LOG.log(
          System.Logger.Level.WARNING,
          direction.name()
              + ": too little memory is free to measure algorithms, "
              + usable.get(0).name()
              + " is taken");
      return usable.get(0);
    }
    Algorithm best = measure(direction, usable, bytes);
    measured.put(question, best.name());
    return best;
  }

  /** Measures on operands of its own, all 0, in what is the workspace of plans at other times. */
  private Algorithm measure(ConvolutionDirection direction, List<Algorithm> usable, long bytes) {
    long operands = cuda.workspace(bytes);
    cuda.zero(operands, direction.operandBytes());
    Algorithm best = null;
    long least = Long.MAX_VALUE;
    for (Algorithm algorithm : usable) {
      long workspace = direction.workspaceOf(algorithm);
      if (direction.tries(algorithm, operands, workspace)) {
        long nanoseconds = time(direction, algorithm, operands, workspace);
        if (nanoseconds < least) {
          least = nanoseconds;
          best = algorithm;
        }
      }
    }
    cuda.releaseWorkspace();
    if (best == null) {
      throw noneFor(direction);
    }
    return best;
  }

  /** The time of several runs, the better of several times. */
  private long time(
      ConvolutionDirection direction, Algorithm algorithm, long operands, long workspace) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      cuda.synchronize();
      long began = System.nanoTime();
      for (int run = 0; run < RUNS_OF_A_ROUND; run++) {
        direction.tries(algorithm, operands, workspace);
      }
      cuda.synchronize();
      least = Math.min(least, System.nanoTime() - began);
    }
    return least;
  }

  private CudaException noneFor(ConvolutionDirection direction) {
    return cuda.failure(
        String.format(
            "%s: cuDNN has no%s algorithm for this; use another type or a smaller batch, or --device"
                + " cpu",
            direction.name(), cuda.isDeterministic() ? " deterministic" : ""));
  }

  private long freeMemory(ConvolutionDirection direction) {
    long[] free = new long[1];
    long[] total = new long[1];
    cuda.check(JCudaDriver.cuMemGetInfo(free, total), direction.name() + ": ask for free memory");
    return free[0];
  }

  /** GPU, driver and cuDNN with their versions: measurements hold for these. */
  private String device() {
    if (device == null) {
      device = cuda.description();
    }
    return device;
  }
}
