package io.github.glia.kernels.pool;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.kernels.cuda.PackedKernel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Max pooling on a GPU. An index is the place in the window, row by row, as one byte, or as four
 * where a byte does not hold all places.
 */
final class CudaMaxPool2d extends CudaPool2d implements MaxPool2dPlan {
  private static final int PLACES_OF_A_BYTE = 256;

  private final Shape indices;
  private final int indexBytes;
  private final PackedKernel forward;
  private final PackedKernel backward;
  private final String forwardName = name() + " forward";
  private final String backwardName = name() + " backward";

  CudaMaxPool2d(CudaBackend cuda, Key key) {
    super(cuda, "maxpool2d", key, key.shape(), key.type());
    Pool2dShape shape = key.shape();
    boolean large = (long) shape.kernelHeight() * shape.kernelWidth() > PLACES_OF_A_BYTE;
    indexBytes = large ? Integer.BYTES : 1;
    indices = output.with(-1, Math.multiplyExact(shape.channels(), indexBytes));
    String size = large ? "_large" : "";
    forward = new PackedKernel(cuda, "pool", "max_forward" + size, key.type(), shape.channels());
    backward = new PackedKernel(cuda, "pool", "max_backward" + size, key.type(), shape.channels());
  }

  @Override
  public Shape indices() {
    return indices;
  }

  @Override
  public void forward(Tensor x, Tensor y, Tensor indices) {
    check("forward", "x", x, input);
    check("forward", "y", y, output);
    if (indices != null) {
      checkIndices("forward", indices);
    }
    synchronized (cuda) {
      long began = begins();
      long places = indices == null ? 0 : indices.address();
      int elements = forward.elements(x.address() | y.address(), places);
      Kernel kernel = forward.taking(elements);
      kernel.pointer(x.address()).pointer(y.address()).pointer(places);
      run(kernel, elements, output.count());
      y.changed();
      if (indices != null) {
        indices.changed();
      }
      cuda.ended(forwardName, OWN, began);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor indices, Tensor dx) {
    check("backward", "dy", dy, output);
    checkIndices("backward", indices);
    check("backward", "dx", dx, input);
    synchronized (cuda) {
      long began = begins();
      int elements = backward.elements(dy.address() | dx.address(), indices.address());
      Kernel kernel = backward.taking(elements);
      kernel.pointer(dy.address()).pointer(indices.address()).pointer(dx.address());
      run(kernel, elements, input.count());
      dx.changed();
      cuda.ended(backwardName, OWN, began);
    }
  }

  private void checkIndices(String direction, Tensor given) {
    check(direction, "indices", given, DType.U8, indices);
    Check.holds("maxpool2d " + direction, "indices", given, indexBytes);
  }

  private void run(Kernel kernel, int elements, long count) {
    long packs = count / elements;
    sizes(kernel, elements).whole(packs).launch(cuda.blocks(packs), CudaBackend.THREADS);
  }
}
