package io.github.glia.kernels.update;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * A step of an exponential moving average of the weights of a network:
 *
 * <pre>  average ← decay · average + (1 − decay) · w</pre>
 *
 * <p>PyTorch equivalent: {@code torch.optim.swa_utils.get_ema_multi_avg_fn(decay)}.
 */
public interface AveragePlan extends Plan {
  /** What a plan depends on: nothing. */
  record Key() {}

  static AveragePlan on(Device device, Key key) {
    return Backend.of(device).plan(key, onCpu(CpuAverage::new), onCuda(CudaAverage::new));
  }

  void step(List<Tensor> average, List<Tensor> w, float decay);
}
