package io.github.glia.kernels.quantize;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * How many steps a number is, in a byte:
 *
 * <pre>
 *   y = x / step, rounded to nearest, ties to even; −128 … 127 in I8, 0 … 255 in U8
 * </pre>
 *
 * What is out of range becomes its end. There is no backward.
 *
 * <p>PyTorch equivalent: {@code torch.quantize_per_tensor(x, step, 0, torch.qint8).int_repr()}.
 */
public interface QuantizePlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param to I8 or U8
   */
  record Key(Shape shape, DType from, DType to) {
    public Key {
      if (!from.isFloating() || to.isFloating()) {
        throw Check.failed("quantize", from + " to " + to + ": it is from numbers to bytes");
      }
    }
  }

  static QuantizePlan on(Device device, Key key) {
    Check.quantized("quantize", device);
    Check.computes("quantize", device, key.from());
    return Backend.of(device).plan(key, onCpu(cpu -> new OneDnnQuantize(cpu, key)));
  }

  /**
   * @param step one F32 number, positive
   */
  void forward(Tensor x, Tensor step, Tensor y);
}
