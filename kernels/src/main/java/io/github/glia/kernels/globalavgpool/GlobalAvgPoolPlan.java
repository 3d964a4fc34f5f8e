package io.github.glia.kernels.globalavgpool;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * The average of each channel over an image of h × w. For each image and each channel:
 *
 * <pre>
 *   y        = Σ(k, l) x[k, l] / (h·w)
 *   dx[k, l] = dy / (h·w)
 * </pre>
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.adaptive_avg_pool2d(x, 1)}.
 */
public interface GlobalAvgPoolPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of x, y and their gradients
   */
  record Key(GlobalAvgPoolShape shape, DType type) {}

  static GlobalAvgPoolPlan on(Device device, Key key) {
    Check.computes("globalavgpool", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnGlobalAvgPool(device, key)),
            onCuda(cuda -> new CudaGlobalAvgPool(cuda, key)));
  }

  void forward(Tensor x, Tensor y);

  void backward(Tensor dy, Tensor dx);
}
