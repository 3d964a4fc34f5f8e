package io.github.glia.kernels.globalavgpool;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.ImageTiles;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Tensor;

/** Global average pooling on a GPU: {@code globalavgpool.cu}. */
final class CudaGlobalAvgPool extends CudaPlan implements GlobalAvgPoolPlan {
  private static final String ROOM = "globalavgpool";

  private final GlobalAvgPoolArguments arguments;
  private final ImageTiles tiles;
  private final long rows;
  private final int averages;
  private final Kernel sums;
  private final Kernel average;
  private final Kernel backward;

  CudaGlobalAvgPool(CudaBackend cuda, Key key) {
    super(cuda, "globalavgpool " + key);
    GlobalAvgPoolShape shape = key.shape();
    arguments = new GlobalAvgPoolArguments(cuda.name(), key);
    rows = (long) shape.height() * shape.width();
    averages = Math.multiplyExact(shape.batch(), shape.channels());
    tiles = new ImageTiles(cuda, shape.batch(), rows, shape.channels());
    String type = CudaBackend.suffix(key.type());
    sums = cuda.kernel(ROOM, "globalavgpool_sums" + type + tiles.suffix());
    average = cuda.kernel(ROOM, "globalavgpool_average" + type);
    backward = cuda.kernel(ROOM, "globalavgpool_backward" + type + tiles.suffix());
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    arguments.forward(x, y);
    synchronized (cuda) {
      long began = begins();
      long scratch = cuda.workspace((long) averages * tiles.parts() * Double.BYTES);
      tiles.launch(sums.pointer(x.address()).pointer(scratch));
      average
          .pointer(scratch)
          .pointer(y.address())
          .small(tiles.parts())
          .whole(rows)
          .launch(averages, ImageTiles.threadsFor(tiles.parts()));
      y.changed();
      cuda.ended(name(), OWN, began);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    arguments.backward(dy, dx);
    synchronized (cuda) {
      long began = begins();
      tiles.launch(backward.pointer(dy.address()).pointer(dx.address()));
      dx.changed();
      cuda.ended(name(), OWN, began);
    }
  }
}
