package io.github.glia.unet.train;

import io.github.glia.nn.Norm;

/** Which choices do not go together, each of them being right by itself. */
final class Contradictions {
  private Contradictions() {}

  static void check(
      DataOptions data,
      NetworkOptions network,
      OptimizerOptions optimizer,
      LearningOptions learning) {
    requireHalving("size", data.size(), network.depth());
    requireHalving("patch", data.patch(), network.depth());
    checkNorm(network, data.seen() >> network.depth(), learning.batchSize());
    checkEpochs(optimizer, learning);
  }

  private static void requireHalving(String flag, int size, int depth) {
    int multiple = 1 << depth;
    Require.that(
        size % multiple == 0,
        String.format(
            "--%s must be a multiple of %d with --depth %d, which halves it %d times; it is %d",
            flag, multiple, depth, depth, size));
  }

  /** A norm of one value alone is always 0. */
  private static void checkNorm(NetworkOptions network, int deepest, int batchSize) {
    Require.that(
        network.norm() != Norm.INSTANCE || deepest > 1,
        "--norm instance needs more than one pixel at the deepest level: take --depth "
            + (network.depth() - 1)
            + " or larger images");
    Require.that(
        network.norm() != Norm.BATCH || deepest > 1 || batchSize > 1,
        "--norm batch needs more than one pixel at the deepest level with --batch-size 1: take"
            + " --norm group or larger images");
  }

  private static void checkEpochs(OptimizerOptions optimizer, LearningOptions learning) {
    Require.that(
        optimizer.warmUp() < learning.epochs(),
        "--warm-up " + optimizer.warmUp() + " is not shorter than --epochs " + learning.epochs());
    Scheduling schedule = optimizer.scheduling();
    Require.that(
        learning.earlyStopping() == 0
            || schedule.kind() != Scheduling.Kind.PLATEAU
            || learning.earlyStopping() > schedule.every(),
        "--early-stopping "
            + learning.earlyStopping()
            + " ends training before --schedule plateau, which waits "
            + schedule.every()
            + " epochs, lowers the rate");
  }
}
