package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The norm on a GPU. Its value is needed at once, so it waits for the device. */
final class CudaNorm extends CudaPlan implements NormPlan {
  private final CudaTensorLists lists;
  private final Kernel squares;
  private final Kernel sumOfSquares;
  private final ByteBuffer result =
      ByteBuffer.allocateDirect(Double.BYTES).order(ByteOrder.nativeOrder());

  CudaNorm(CudaBackend cuda) {
    super(cuda, "norm");
    lists = new CudaTensorLists(cuda, "norm");
    squares = cuda.kernel("update", "squares");
    sumOfSquares = cuda.kernel("update", "sum_of_squares");
    chose("norm", OWN);
  }

  @Override
  public double norm(List<Tensor> g) {
    synchronized (cuda) {
      lists.clear().read("g", g);
      long began = begins(lists);
      long total = computeSum();
      lists.done();
      cuda.copyOut(total, result.clear());
      double norm = Math.sqrt(result.getDouble(0));
      cuda.ended(name(), OWN, began);
      return norm;
    }
  }

  /** Returns where the sum of all squares is: behind those of the chunks. */
  private long computeSum() {
    long chunks = 0;
    for (int i = 0; i < lists.launches(); i++) {
      chunks += lists.chunks(i);
    }
    long sums = cuda.workspace((chunks + 1) * Double.BYTES);
    long next = sums;
    for (int i = 0; i < lists.launches(); i++) {
      lists.launch(squares.pointer(next), i);
      next += lists.chunks(i) * Double.BYTES;
    }
    sumOfSquares.pointer(sums).whole(chunks).pointer(next).launch(1, CudaBackend.THREADS);
    return next;
  }
}
