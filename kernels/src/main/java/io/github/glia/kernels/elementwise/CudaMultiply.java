package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Tensor;

/** The product on a GPU. */
final class CudaMultiply extends CudaElementwise implements MultiplyPlan {
  CudaMultiply(CudaBackend cuda, Key key) {
    super(cuda, "multiply", key.shape(), key.type());
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

  @Override
  public void backward(Tensor a, Tensor b, Tensor dy, Tensor da, Tensor db) {
    check("backward", "a", a);
    check("backward", "b", b);
    check("backward", "dy", dy);
    if (da != null) {
      check("backward", "da", da);
    }
    if (db != null) {
      check("backward", "db", db);
    }
    synchronized (cuda) {
      if (da != null) {
        compute(dy, b, da);
      }
      if (db != null) {
        compute(dy, a, db);
      }
    }
  }
}
