package io.github.glia.kernels.softmax;

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
 * Softmax over the last dimension, which for images are the channels: numbers become probabilities
 * that add up to 1. In each row, with m = max(x) so that no exponential overflows:
 *
 * <pre>
 *   y[c]  = exp(x[c] − m) / Σ(k) exp(x[k] − m)
 *   dx[c] = y[c] · (dy[c] − Σ(k) dy[k] · y[k])
 * </pre>
 *
 * <p>An element that is NaN or +∞ is NaN in y. What the others of its row are then depends on the
 * device: NaN (PyTorch), or numbers. A row of −∞ alone is NaN.
 *
 * <p>PyTorch equivalent: {@code torch.softmax(x, dim=-1)}.
 */
public interface SoftmaxPlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType type) {}

  static SoftmaxPlan on(Device device, Key key) {
    Check.computes("softmax", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnSoftmax(cpu, key)),
            onCuda(cuda -> new CudaSoftmax(cuda, key)));
  }

  void forward(Tensor x, Tensor y);

  /** Needs the output, not the input. */
  void backward(Tensor y, Tensor dy, Tensor dx);
}
