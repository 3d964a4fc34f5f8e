package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.CudaPlan;
import io.github.glia.kernels.cuda.Kernel;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Batch normalization on a GPU by kernels of our own. cuDNN's leaves open what NaN becomes in its
 * fused ReLU, which it has for few types and numbers of channels.
 */
final class CudaBatchNorm extends CudaPlan implements BatchNormPlan {
  private final Key key;
  private final BatchNormShape shape;
  private final BatchNormArguments arguments;
  private final CudaNormalization normalization;
  private final Kernel running;

  CudaBatchNorm(CudaBackend cuda, Key key) {
    super(cuda, "batchnorm " + key);
    this.key = key;
    this.shape = key.shape();
    arguments = new BatchNormArguments(cuda.name(), this, key);
    normalization =
        new CudaNormalization(
            cuda,
            1,
            shape.valuesPerChannel(),
            shape.channels(),
            shape.channels(),
            key.type(),
            key.epsilon());
    running = cuda.kernel("normalization", "normalization_running");
    chose("forward", OWN);
    chose("backward", OWN);
  }

  /** A byte for each pack of channels. */
  @Override
  public Shape mask() {
    if (!key.relu()) {
      throw Check.failed("batchnorm mask", "the plan has no ReLU, so it has no mask");
    }
    return Shape.of(shape.batch(), shape.height(), shape.width(), normalization.packs());
  }

  @Override
  public void forwardTraining(
      Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance, Tensor mask) {
    arguments.forwardTraining(x, gamma, beta, y, mean, variance, mask);
    synchronized (cuda) {
      long began = begins();
      normalization.measure(x, mean, variance);
      normalization.normalize(x, gamma, beta, mean, variance, y, key.relu(), mask);
      cuda.ended(name(), OWN, began);
    }
  }

  @Override
  public void forwardInference(
      Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, Tensor y, Tensor mask) {
    arguments.forwardInference(x, gamma, beta, mean, variance, y, mask);
    synchronized (cuda) {
      long began = begins();
      normalization.normalize(x, gamma, beta, mean, variance, y, key.relu(), mask);
      cuda.ended(name(), OWN, began);
    }
  }

  @Override
  public void backwardTraining(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    arguments.backwardTraining(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    differentiate(x, dy, gamma, mean, variance, mask, true, dx, dgamma, dbeta);
  }

  @Override
  public void backwardInference(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    arguments.backwardInference(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    differentiate(x, dy, gamma, mean, variance, mask, false, dx, dgamma, dbeta);
  }

  private void differentiate(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      boolean ofX,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    synchronized (cuda) {
      long began = begins();
      normalization.differentiate(x, dy, gamma, mean, variance, mask, ofX, dx, dgamma, dbeta);
      cuda.ended(name(), OWN, began);
    }
  }

  @Override
  public void updateRunning(
      Tensor mean, Tensor variance, float momentum, Tensor runningMean, Tensor runningVariance) {
    arguments.updateRunning(mean, variance, momentum, runningMean, runningVariance);
    double m = shape.valuesPerChannel();
    synchronized (cuda) {
      long began = begins();
      running
          .pointer(mean.address())
          .pointer(variance.address())
          .precise(m / (m - 1))
          .precise(momentum)
          .pointer(runningMean.address())
          .pointer(runningVariance.address())
          .whole(shape.channels())
          .launch(cuda.blocks(shape.channels()), CudaBackend.THREADS);
      runningMean.changed();
      runningVariance.changed();
      cuda.ended(name(), OWN, began);
    }
  }
}
