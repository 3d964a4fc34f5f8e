package io.github.glia.kernels.activation;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Activation functions, element by element. Their derivatives are functions of the output, so
 * backward needs y and not x:
 *
 * <pre>
 *   ReLU         y = max(0, x)               dx = dy · (y ≤ 0 ? 0 : 1)
 *   leaky ReLU   y = x > 0 ? x : slope · x   dx = dy · (y ≤ 0 ? slope : 1)
 *   sigmoid      y = 1 / (1 + exp(−x))       dx = dy · y · (1 − y)
 * </pre>
 *
 * <p>NaN in x is NaN in y. The gradient of the ReLU at 0 is 0; it is a product, so infinities in dy
 * become NaN there (PyTorch: 0).
 *
 * <p>PyTorch equivalent: {@code torch.relu(x)}, {@code torch.nn.functional.leaky_relu(x, slope)},
 * {@code torch.sigmoid(x)}.
 */
public interface ActivationPlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType type, Activation activation) {}

  static ActivationPlan on(Device device, Key key) {
    Check.computes("activation", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnActivation(cpu, key)),
            onCuda(cuda -> new CudaActivation(cuda, key)));
  }

  /** {@code y} may be {@code x}. */
  void forward(Tensor x, Tensor y);

  /** {@code dx} may be {@code dy}. */
  void backward(Tensor y, Tensor dy, Tensor dx);
}
