package io.github.glia.kernels;

import io.github.glia.tensor.Tensor;

/**
 * A convolution of bytes, transposed or not, for inference. With ∗ the convolution of its name, for
 * each output channel o:
 *
 * <pre>
 *   y[o] = q(scale[o] · (x ∗ w)[o] + bias[o])
 * </pre>
 *
 * where x and w are whole numbers, their sums of products are exact, and q ends with max(0, ·) if
 * the plan has a ReLU, and for y in I8 with rounding to nearest, ties to even, and with what is out
 * of range at its end, −128 or 127. So if x counts steps of s, w[o] steps of t[o] and y steps of u,
 * scale is s·t/u, and bias is in steps of u.
 *
 * <p>Scale and bias are F32 and finite, and sums of more than 2²⁴ are rounded to F32.
 */
public interface QuantizedPlan extends PackingPlan {
  /**
   * Writes {@code packed}, U8 of {@link #packedBytes} elements.
   *
   * @param w F32, whole numbers from −127 to 127
   */
  @Override
  void pack(Tensor w, Tensor packed);

  void forward(Tensor x, Tensor packed, Tensor scale, Tensor bias, Tensor y);
}
