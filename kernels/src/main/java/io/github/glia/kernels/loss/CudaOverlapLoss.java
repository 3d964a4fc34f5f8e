package io.github.glia.kernels.loss;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.Kernel;

/** Dice, Jaccard or Tversky on a GPU, alone or with binary cross entropy added. */
final class CudaOverlapLoss extends CudaLoss {
  /** Of p·t, p, t and binary cross entropy. */
  private static final int SUMS = 4;

  /** Of dL/dp without and with t, and of binary cross entropy. */
  private static final int SLOPES = 3;

  private final Overlap overlap;
  private final long count;
  private final int blocks;
  private final boolean withBce;
  private final Kernel sums;
  private final Kernel loss;
  private final Kernel slopes;
  private final Kernel gradient;

  CudaOverlapLoss(CudaBackend cuda, Key key, Overlap overlap, boolean withBce) {
    super(cuda, key);
    this.overlap = overlap;
    this.count = key.logits().count();
    this.blocks = cuda.blocks(count);
    this.withBce = withBce;
    this.sums = byTruth("overlap_sums");
    this.loss = bySums("overlap_loss");
    this.slopes = bySums("overlap_slopes");
    this.gradient = byTruth("overlap_gradient");
  }

  @Override
  void loss(long x, long t, long result) {
    long ofBlocks = cuda.workspace(bytesOfSums());
    addUp(x, t, ofBlocks, withBce);
    given(loss, ofBlocks).pointer(result).launch(1, CudaBackend.THREADS);
  }

  @Override
  void gradient(long x, long t, long dLoss, long dx) {
    long ofBlocks = cuda.workspace(bytesOfSums() + SLOPES * Double.BYTES);
    long common = ofBlocks + bytesOfSums();
    addUp(x, t, ofBlocks, false);
    given(slopes, ofBlocks).pointer(dLoss).pointer(common).launch(1, CudaBackend.THREADS);
    gradient
        .pointer(x)
        .pointer(t)
        .whole(count)
        .pointer(common)
        .pointer(dx)
        .launch(blocks, CudaBackend.THREADS);
  }

  private long bytesOfSums() {
    return (long) SUMS * blocks * Double.BYTES;
  }

  private void addUp(long x, long t, long ofBlocks, boolean bceToo) {
    sums.pointer(x)
        .pointer(t)
        .whole(count)
        .small(bceToo ? 1 : 0)
        .pointer(ofBlocks)
        .launch(blocks, CudaBackend.THREADS);
  }

  private Kernel given(Kernel kernel, long ofBlocks) {
    return kernel
        .pointer(ofBlocks)
        .small(blocks)
        .precise(overlap.i())
        .precise(overlap.a())
        .precise(overlap.b())
        .precise(overlap.c())
        .precise(overlap.s())
        .precise(withBce ? 1.0 / count : 0);
  }
}
