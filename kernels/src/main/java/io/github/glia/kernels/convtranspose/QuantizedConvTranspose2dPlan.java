package io.github.glia.kernels.convtranspose;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.QuantizedArguments;
import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;

/**
 * Transposed convolution of bytes: {@link QuantizedPlan} of what {@link ConvTranspose2dPlan} says.
 *
 * <p>PyTorch equivalent: {@code torch.ao.nn.quantized.ConvTranspose2d} with zero points of 0.
 */
public interface QuantizedConvTranspose2dPlan extends QuantizedPlan {
  /**
   * What a plan depends on. Each pixel of y is made of some of x: where the stride is larger than
   * the kernel, or there is output padding, oneDNN 3.11 computes something else.
   *
   * @param input type of x: I8, or U8 where nothing is negative
   * @param output type of y: I8, or F32 where nothing is rounded
   */
  record Key(ConvTranspose2dShape shape, DType input, DType output) {
    public Key {
      QuantizedArguments.types("quantizedConvTranspose2d", input, output);
      if (shape.outputPaddingHeight() > 0
          || shape.outputPaddingWidth() > 0
          || shape.strideHeight() > shape.kernelHeight()
          || shape.strideWidth() > shape.kernelWidth()) {
        throw Check.failed(
            "quantizedConvTranspose2d",
            "there must be no output padding, and no stride larger than the kernel; use F32 for "
                + shape);
      }
    }
  }

  static QuantizedConvTranspose2dPlan on(Device device, Key key) {
    Check.quantized("quantizedConvTranspose2d", device);
    return Backend.of(device).plan(key, onCpu(cpu -> new OneDnnQuantizedConvTranspose2d(cpu, key)));
  }
}
