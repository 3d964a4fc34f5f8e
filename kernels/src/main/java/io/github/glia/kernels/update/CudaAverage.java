package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The moving average on a GPU. */
final class CudaAverage extends CudaUpdate implements AveragePlan {
  CudaAverage(CudaBackend cuda) {
    super(cuda, "average", "average");
  }

  @Override
  public void step(List<Tensor> average, List<Tensor> w, float decay) {
    UpdateArguments.average(decay);
    synchronized (cuda) {
      lists.clear().update("average", average).read("w", w);
      long began = begin();
      for (int i = 0; i < lists.launches(); i++) {
        lists.launch(kernel.real(decay), i);
      }
      end(began);
    }
  }
}
