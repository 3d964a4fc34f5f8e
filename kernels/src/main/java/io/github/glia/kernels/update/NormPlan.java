package io.github.glia.kernels.update;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * The norm √Σ g² of the gradients of a whole network, as one long vector. It is summed in double
 * and is the same with any number of threads.
 *
 * <p>PyTorch equivalent: {@code torch.nn.utils.get_total_norm(g)}.
 */
public interface NormPlan extends Plan {
  /** What a plan depends on: nothing. */
  record Key() {}

  static NormPlan on(Device device, Key key) {
    return Backend.of(device).plan(key, onCpu(CpuNorm::new), onCuda(CudaNorm::new));
  }

  double norm(List<Tensor> g);
}
