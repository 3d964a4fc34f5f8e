package io.github.glia.kernels.groupnorm;

import io.github.glia.kernels.batchnorm.CudaNormalization;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.tensor.Tensor;

/** Group normalization on a GPU, by the kernels of batch normalization. */
final class CudaGroupNorm extends CudaPlan implements GroupNormPlan {
  private static final Tensor NO_MASK = null;

  private final GroupNormArguments arguments;
  private final CudaNormalization normalization;

  CudaGroupNorm(CudaBackend cuda, Key key) {
    super(cuda, "groupnorm " + key);
    GroupNormShape shape = key.shape();
    arguments = new GroupNormArguments(cuda.name(), key);
    normalization =
        new CudaNormalization(
            cuda,
            shape.batch(),
            (long) shape.height() * shape.width(),
            shape.channels(),
            shape.groups(),
            key.type(),
            key.epsilon());
    chose("forward", OWN);
    chose("backward", OWN);
  }

  @Override
  public void forward(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance) {
    arguments.forward(x, gamma, beta, y, mean, variance);
    synchronized (cuda) {
      long began = begins();
      normalization.measure(x, mean, variance);
      normalization.normalize(x, gamma, beta, mean, variance, y, false, NO_MASK);
      cuda.ended(name(), OWN, began);
    }
  }

  @Override
  public void backward(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    arguments.backward(x, dy, gamma, mean, variance, dx, dgamma, dbeta);
    synchronized (cuda) {
      long began = begins();
      normalization.differentiate(x, dy, gamma, mean, variance, NO_MASK, true, dx, dgamma, dbeta);
      cuda.ended(name(), OWN, began);
    }
  }
}
