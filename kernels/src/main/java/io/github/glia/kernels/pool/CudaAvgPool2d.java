package io.github.glia.kernels.pool;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.PackedKernel;
import io.github.glia.tensor.Tensor;

/** Average pooling on a GPU. */
final class CudaAvgPool2d extends CudaPool2d implements AvgPool2dPlan {
  private final int countPadding;
  private final PackedKernel forward;
  private final PackedKernel backward;
  private final String forwardName = name() + " forward";
  private final String backwardName = name() + " backward";

  CudaAvgPool2d(CudaBackend cuda, Key key) {
    super(cuda, "avgpool2d", key, key.shape(), key.type());
    countPadding = key.countPadding() ? 1 : 0;
    forward = new PackedKernel(cuda, "pool", "average_forward", key.type(), key.shape().channels());
    backward =
        new PackedKernel(cuda, "pool", "average_backward", key.type(), key.shape().channels());
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x, input);
    check("forward", "y", y, output);
    synchronized (cuda) {
      run(forward, x, y, forwardName);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, output);
    check("backward", "dx", dx, input);
    synchronized (cuda) {
      run(backward, dy, dx, backwardName);
    }
  }

  private void run(PackedKernel kernel, Tensor from, Tensor to, String use) {
    long began = begins();
    int elements = kernel.elements(from.address(), to.address());
    long packs = to.shape().count() / elements;
    sizes(kernel.taking(elements).pointer(from.address()).pointer(to.address()), elements)
        .small(countPadding)
        .whole(packs)
        .launch(cuda.blocks(packs), CudaBackend.THREADS);
    to.changed();
    cuda.ended(use, OWN, began);
  }
}
