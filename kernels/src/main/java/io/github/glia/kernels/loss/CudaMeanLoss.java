package io.github.glia.kernels.loss;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.Kernel;
import java.util.function.UnaryOperator;

/** A loss on a GPU that is the mean of the losses of elements or pixels. */
final class CudaMeanLoss extends CudaLoss {
  private final long count;
  private final int blocks;
  private final UnaryOperator<Kernel> giveParameters;
  private final Kernel sums;
  private final Kernel mean;
  private final Kernel gradient;

  /**
   * @param threads how many work on an element or pixel
   * @param giveParameters gives kernels the loss's own, after the number of elements or pixels
   */
  CudaMeanLoss(
      CudaBackend cuda, Key key, String name, int threads, UnaryOperator<Kernel> giveParameters) {
    super(cuda, key);
    this.count = key.truthShape().count();
    this.blocks = cuda.blocks(count * threads);
    this.giveParameters = giveParameters;
    this.sums = byTruth(name + "_sums");
    this.mean = bySums("mean_loss");
    this.gradient = byTruth(name + "_gradient");
  }

  @Override
  void loss(long x, long t, long loss) {
    long ofBlocks = cuda.workspace((long) blocks * Double.BYTES);
    given(sums, x, t).pointer(ofBlocks).launch(blocks, CudaBackend.THREADS);
    mean.pointer(ofBlocks).small(blocks).whole(count).pointer(loss).launch(1, CudaBackend.THREADS);
  }

  @Override
  void gradient(long x, long t, long dLoss, long dx) {
    given(gradient, x, t).pointer(dLoss).pointer(dx).launch(blocks, CudaBackend.THREADS);
  }

  private Kernel given(Kernel kernel, long x, long t) {
    return giveParameters.apply(kernel.pointer(x).pointer(t).whole(count));
  }
}
