package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Tensor;

/** The sum on a GPU. */
final class CudaAdd extends CudaElementwise implements AddPlan {
  CudaAdd(CudaBackend cuda, Key key) {
    super(cuda, "add", key.shape(), key.type());
  }

  @Override
  public void forward(Tensor a, Tensor b, Tensor y) {
    check("forward", "a", a);
    check("forward", "b", b);
    check("forward", "y", y);
    synchronized (cuda) {
      compute(a, b, y);
    }
  }
}
