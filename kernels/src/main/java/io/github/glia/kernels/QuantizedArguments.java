package io.github.glia.kernels;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Checks what a {@link QuantizedPlan} is called with.
 *
 * @param channels the shape of scale and bias
 */
public record QuantizedArguments(
    String operation,
    String device,
    DType input,
    DType output,
    Shape x,
    Shape w,
    Shape channels,
    Shape y) {
  public void pack(Tensor w, Tensor packed, Shape ofPacked) {
    check("pack", "w", w, DType.F32, this.w);
    check("pack", "packed", packed, DType.U8, ofPacked);
  }

  public void forward(
      Tensor x, Tensor packed, Shape ofPacked, Tensor scale, Tensor bias, Tensor y) {
    check("forward", "x", x, input, this.x);
    check("forward", "packed", packed, DType.U8, ofPacked);
    check("forward", "scale", scale, DType.F32, channels);
    check("forward", "bias", bias, DType.F32, channels);
    check("forward", "y", y, output, this.y);
  }

  private void check(String direction, String argument, Tensor t, DType type, Shape shape) {
    Check.tensor(operation, direction, argument, t, device, type, shape);
  }

  /** Types that such plans have: x in bytes, y in signed bytes or F32. */
  public static void types(String operation, DType input, DType output) {
    if (input != DType.I8 && input != DType.U8) {
      throw Check.failed(operation, "x must be I8 or U8, but is " + input);
    }
    if (output != DType.I8 && output != DType.F32) {
      throw Check.failed(operation, "y must be I8 or F32, but is " + output);
    }
  }
}
