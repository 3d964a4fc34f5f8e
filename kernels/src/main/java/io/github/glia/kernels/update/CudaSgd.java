package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Stochastic gradient descent on a GPU. */
final class CudaSgd extends CudaUpdate implements SgdPlan {
  private final Sgd sgd;

  CudaSgd(CudaBackend cuda, Key key) {
    super(cuda, "sgd", key.sgd().hasVelocity() ? "sgd_momentum" : "sgd");
    sgd = key.sgd();
  }

  @Override
  public void step(
      List<Tensor> w,
      List<Tensor> g,
      List<Tensor> velocity,
      float learningRate,
      float gradientScale,
      boolean first) {
    UpdateArguments.sgd(sgd, velocity, learningRate, gradientScale);
    synchronized (cuda) {
      lists.clear().update("w", w).read("g", g);
      if (sgd.hasVelocity()) {
        lists.update("velocity", velocity);
      }
      long began = begin();
      for (int i = 0; i < lists.launches(); i++) {
        kernel.real(gradientScale).real((float) sgd.weightDecay()).real(learningRate);
        if (sgd.hasVelocity()) {
          kernel.real((float) sgd.momentum()).small(sgd.nesterov() ? 1 : 0).small(first ? 1 : 0);
        }
        lists.launch(kernel, i);
      }
      end(began);
    }
  }
}
