package io.github.glia.kernels.conv;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.QuantizedArguments;
import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;

/**
 * Convolution of bytes: {@link QuantizedPlan} of what {@link Conv2dPlan} says.
 *
 * <p>PyTorch equivalent: {@code torch.ao.nn.quantized.functional.conv2d} with zero points of 0.
 */
public interface QuantizedConv2dPlan extends QuantizedPlan {
  /**
   * What a plan depends on.
   *
   * @param input type of x: I8, or U8 where nothing is negative
   * @param output type of y: I8, or F32 where nothing is rounded
   */
  record Key(Conv2dShape shape, DType input, DType output, boolean relu) {
    public Key {
      QuantizedArguments.types("quantizedConv2d", input, output);
    }
  }

  static QuantizedConv2dPlan on(Device device, Key key) {
    Check.quantized("quantizedConv2d", device);
    return Backend.of(device).plan(key, onCpu(cpu -> new OneDnnQuantizedConv2d(cpu, key)));
  }
}
