package io.github.glia.kernels.groupnorm;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * Group normalization. For each group of channels of each image, with Σ over the m = height · width
 * · (channels of a group) values of the group:
 *
 * <pre>
 *   mean     = Σ x / m
 *   variance = Σ (x − mean)² / m
 *   x̂        = (x − mean) / √(variance + ε)
 *   y        = γ · x̂ + β
 *
 *   dβ       = Σ dy             over all values of a channel in the batch
 *   dγ       = Σ dy · x̂         over all values of a channel in the batch
 *   dx       = (γ · dy − Σ γ · dy / m − x̂ · Σ γ · dy · x̂ / m) / √(variance + ε)
 * </pre>
 *
 * where γ and β belong to a channel.
 *
 * <p>Images are in the plan's type; γ, β, the statistics and their gradients are F32, and so is
 * every sum.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.group_norm(x, groups, weight, bias, eps)}, and
 * with as many groups as channels {@code torch.nn.functional.instance_norm(x, None, None, weight,
 * bias, True, 0, eps)}.
 */
public interface GroupNormPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of x, y and their gradients
   */
  record Key(GroupNormShape shape, DType type, float epsilon) {
    public Key {
      if (!(epsilon > 0 && epsilon < Float.POSITIVE_INFINITY)) {
        throw Check.failed("groupnorm", "epsilon must be a positive number, but is " + epsilon);
      }
    }
  }

  static GroupNormPlan on(Device device, Key key) {
    Check.computes("groupnorm", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnGroupNorm(cpu, key)),
            onCuda(cuda -> new CudaGroupNorm(cuda, key)));
  }

  /**
   * Normalizes, and writes the statistics that backward needs.
   *
   * @param variance the biased one, divided by m
   */
  void forward(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance);

  /** The gradients, with the statistics that {@link #forward} wrote. */
  void backward(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);
}
