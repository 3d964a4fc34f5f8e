package io.github.glia.kernels.cast;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.TypeCast;
import io.github.glia.tensor.Tensor;

/** Casts on a GPU: {@code cast.cu}. */
final class CudaCast extends CudaPlan implements CastPlan {
  private final Key key;
  private final TypeCast cast;

  CudaCast(CudaBackend cuda, Key key) {
    super(cuda, "cast " + key);
    this.key = key;
    cast = new TypeCast(cuda, key.from(), key.to());
    chose("forward", OWN);
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    Check.tensor("cast", "x", x, cuda.name(), key.from(), key.shape());
    Check.tensor("cast", "y", y, cuda.name(), key.to(), key.shape());
    synchronized (cuda) {
      long began = begins();
      cast.run(x.address(), y.address(), key.shape().count());
      y.changed();
      cuda.ended(name(), OWN, began);
    }
  }
}
