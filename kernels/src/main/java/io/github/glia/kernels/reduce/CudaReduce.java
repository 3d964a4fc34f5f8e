package io.github.glia.kernels.reduce;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Tensor;

/** The sum or mean on a GPU: {@code reduce.cu}. */
final class CudaReduce extends CudaPlan implements ReducePlan {
  private final ReduceArguments arguments;
  private final long count;
  private final double factor;
  private final int blocks;
  private final Kernel sums;
  private final Kernel total;
  private final Kernel backward;

  CudaReduce(CudaBackend cuda, Key key) {
    super(cuda, "reduce " + key);
    arguments = new ReduceArguments(cuda.name(), key);
    count = key.shape().count();
    factor = key.reduction().factor(count);
    blocks = cuda.blocks(count);
    sums = cuda.kernel("reduce", "reduce_sums" + CudaBackend.suffix(key.type()));
    total = cuda.kernel("reduce", "reduce_total");
    backward = cuda.kernel("reduce", "reduce_backward" + CudaBackend.suffix(key.type()));
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    arguments.forward(x, y);
    synchronized (cuda) {
      long began = begins();
      long scratch = cuda.workspace((long) blocks * Double.BYTES);
      sums.pointer(x.address()).pointer(scratch).whole(count).launch(blocks, CudaBackend.THREADS);
      total
          .pointer(scratch)
          .small(blocks)
          .precise(factor)
          .pointer(y.address())
          .launch(1, CudaBackend.THREADS);
      y.changed();
      cuda.ended(name(), OWN, began);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    arguments.backward(dy, dx);
    synchronized (cuda) {
      long began = begins();
      backward
          .pointer(dy.address())
          .precise(factor)
          .pointer(dx.address())
          .whole(count)
          .launch(blocks, CudaBackend.THREADS);
      dx.changed();
      cuda.ended(name(), OWN, began);
    }
  }
}
