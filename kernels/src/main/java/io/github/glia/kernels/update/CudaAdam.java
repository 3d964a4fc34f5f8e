package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Adam and AdamW on a GPU. */
final class CudaAdam extends CudaUpdate implements AdamPlan {
  private final Adam adam;
  private final boolean decoupled;

  CudaAdam(CudaBackend cuda, Key key) {
    super(cuda, "adam", "adam");
    adam = key.adam();
    decoupled = key.decoupled();
  }

  @Override
  public void step(
      List<Tensor> w,
      List<Tensor> g,
      List<Tensor> m,
      List<Tensor> v,
      float learningRate,
      float gradientScale,
      long step) {
    UpdateArguments.adam(learningRate, gradientScale, step);
    synchronized (cuda) {
      lists.clear().update("w", w).read("g", g).update("m", m).update("v", v);
      float kept = decoupled ? (float) (1 - learningRate * adam.weightDecay()) : 1;
      float rate = (float) (learningRate / (1 - Math.pow(adam.beta1(), (double) step)));
      float rootScale = (float) (1 / Math.sqrt(1 - Math.pow(adam.beta2(), (double) step)));
      long began = begin();
      for (int i = 0; i < lists.launches(); i++) {
        kernel
            .real(gradientScale)
            .real(decoupled ? 0 : (float) adam.weightDecay())
            .real((float) (1 - adam.beta1()))
            .real((float) adam.beta2())
            .real((float) (1 - adam.beta2()))
            .real(kept)
            .real(rate)
            .real(rootScale)
            .real((float) adam.epsilon());
        lists.launch(kernel, i);
      }
      end(began);
    }
  }
}
