package io.github.glia.kernels.update;

import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.kernels.cuda.Kernel;
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
      long began = cuda.begins();
      scalars.set(decay, 0, 0, 0);
      run(began);
    }
  }

  @Override
  void giveParameters(Kernel kernel) {}
}
