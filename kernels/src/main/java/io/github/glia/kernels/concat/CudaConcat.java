package io.github.glia.kernels.concat;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * Concatenation on a GPU: one copy of rows for each input, in the largest pieces that all rows
 * begin and end at.
 */
final class CudaConcat extends CudaPlan implements ConcatPlan {
  private static final int LARGEST_PIECE = 16;

  private final ConcatArguments arguments;
  private final long places;
  private final long[] rowBytes;
  private final long joinedBytes;
  private final Kernel[] copies = new Kernel[Integer.numberOfTrailingZeros(LARGEST_PIECE) + 1];
  private final String forwardName = name() + " forward";
  private final String backwardName = name() + " backward";

  CudaConcat(CudaBackend cuda, Key key) {
    super(cuda, "concat " + key);
    ConcatShape shape = key.shape();
    arguments = new ConcatArguments(key, cuda.name());
    places = (long) shape.batch() * shape.height() * shape.width();
    int elementBytes = key.type().bytes();
    rowBytes = shape.channels().stream().mapToLong(c -> (long) c * elementBytes).toArray();
    joinedBytes = (long) shape.output().size(-1) * elementBytes;
    for (int piece = elementBytes; piece <= LARGEST_PIECE; piece *= 2) {
      copies[Integer.numberOfTrailingZeros(piece)] = cuda.kernel("concat", "copy_rows_" + piece);
    }
  }

  @Override
  public void forward(List<Tensor> xs, Tensor y) {
    arguments.forward(xs, y);
    synchronized (cuda) {
      long began = begins();
      long to = y.address();
      for (int m = 0; m < xs.size(); m++) {
        copy(xs.get(m).address(), rowBytes[m], to, joinedBytes, rowBytes[m]);
        to += rowBytes[m];
      }
      y.changed();
      cuda.ended(forwardName, OWN, began);
    }
  }

  @Override
  public void backward(Tensor dy, List<Tensor> dxs) {
    arguments.backward(dy, dxs);
    synchronized (cuda) {
      long began = begins();
      long from = dy.address();
      for (int m = 0; m < dxs.size(); m++) {
        Tensor dx = dxs.get(m);
        if (dx != null) {
          copy(from, joinedBytes, dx.address(), rowBytes[m], rowBytes[m]);
          dx.changed();
        }
        from += rowBytes[m];
      }
      cuda.ended(backwardName, OWN, began);
    }
  }

  /** Copies a row for each place; rows follow each other at the distances. */
  private void copy(long from, long fromDistance, long to, long toDistance, long bytes) {
    long all = from | fromDistance | to | toDistance | bytes | LARGEST_PIECE;
    int log = Long.numberOfTrailingZeros(all);
    long pieces = bytes >> log;
    copies[log]
        .pointer(from)
        .whole(fromDistance >> log)
        .pointer(to)
        .whole(toDistance >> log)
        .small((int) pieces)
        .whole(places)
        .launch(cuda.blocks(places * pieces), CudaBackend.THREADS);
  }
}
