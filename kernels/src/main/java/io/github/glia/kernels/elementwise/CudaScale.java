package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Tensor;

/** The product with a number on a GPU. */
final class CudaScale extends CudaElementwise implements ScalePlan {
  CudaScale(CudaBackend cuda, Key key) {
    super(cuda, "scale", key.shape(), key.type());
  }

  @Override
  public void forward(Tensor x, float factor, Tensor y) {
    check("forward", "x", x);
    check("forward", "y", y);
    synchronized (cuda) {
      compute(x, factor, y);
    }
  }
}
