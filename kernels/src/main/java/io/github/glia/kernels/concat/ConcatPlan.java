package io.github.glia.kernels.concat;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * Concatenation along the channels; its backward splits. For inputs x₀, x₁, … of c₀, c₁, … channels
 * and each place:
 *
 * <pre>
 *   y[oₘ + c] = xₘ[c]
 *   dxₘ[c]    = dy[oₘ + c]   where oₘ = c₀ + … + cₘ₋₁
 * </pre>
 *
 * <p>PyTorch equivalent: {@code torch.cat(xs, dim=1)} of images [batch, channels, height, width].
 */
public interface ConcatPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of all tensors; I8 for inference alone
   */
  record Key(ConcatShape shape, DType type) {}

  static ConcatPlan on(Device device, Key key) {
    Check.computesQuantizedToo("concat", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnConcat(cpu, key)),
            onCuda(cuda -> new CudaConcat(cuda, key)));
  }

  void forward(List<Tensor> xs, Tensor y);

  /** A null entry of {@code dxs} is a gradient that nobody wants. */
  void backward(Tensor dy, List<Tensor> dxs);
}
