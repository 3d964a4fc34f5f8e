package io.github.glia.kernels.dropout;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Dropout: each element is set to 0 with probability p, and the others grow so that the expected
 * value stays. With u[i], uniform in [0, 1), number i of the {@link Philox} stream:
 *
 * <pre>
 *   mask[i] = u[i] ≥ p ? 1 / (1 − p) : 0
 *   y       = x · mask
 *   dx      = dy · mask
 * </pre>
 *
 * <p>The mask is in the plan's type, and 1 / (1 − p) rounded to it. It depends on the seed, the
 * stream and p alone: it is the same on every device and with any number of threads.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.dropout(x, p, training=True)}, with other
 * random numbers.
 */
public interface DropoutPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param probability that an element is dropped: at least 0, less than 1
   */
  record Key(Shape shape, DType type, float probability) {
    public Key {
      if (!(probability >= 0 && probability < 1)) {
        throw Check.failed(
            "dropout", "probability must be at least 0 and less than 1, but is " + probability);
      }
    }

    /** The smallest of the 24 bits of u, an integer u · 2²⁴, that is not below p · 2²⁴. */
    int firstKept() {
      return (int) Math.ceil(probability * 0x1p24);
    }

    /** 1 / (1 − p). */
    float kept() {
      return (float) (1 / (1.0 - probability));
    }

    private MultiplyPlan product(Device device) {
      return MultiplyPlan.on(device, new MultiplyPlan.Key(shape, type));
    }
  }

  static DropoutPlan on(Device device, Key key) {
    Check.computes("dropout", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new CpuDropout(cpu, key, key.product(device))),
            onCuda(cuda -> new CudaDropout(cuda, key, key.product(device))));
  }

  /** Writes {@code mask} and {@code y}. */
  void forward(Tensor x, long seed, long stream, Tensor y, Tensor mask);

  void backward(Tensor dy, Tensor mask, Tensor dx);
}
