package io.github.glia.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.cpu.SharedMemory;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Arguments of a {@link QuantizedPlan}, and what it makes of them. */
public final class QuantizedCase {
  public final double[] x;
  public final double[] w;
  public final double[] scale;
  public final double[] bias;
  private final Case c;
  private final DType input;
  private final DType output;

  private QuantizedCase(
      Case c, double[] x, double[] w, double[] scale, double[] bias, DType input, DType output) {
    this.c = c;
    this.x = x;
    this.w = w;
    this.scale = scale;
    this.bias = bias;
    this.input = input;
    this.output = output;
  }

  /** Scales that sums of so many products are still exact with, ties of rounding included. */
  public static QuantizedCase exact(Case c, Shape x, Shape w, Shape channels, DType in, DType out) {
    double[] scale = c.integers(channels, 3);
    double[] bias = c.integers(channels, 4000);
    for (int i = 0; i < scale.length; i++) {
      scale[i] = Math.scalb(1.0, -4 - (int) Math.abs(scale[i]));
      bias[i] *= 0x1p-7;
    }
    return new QuantizedCase(c, bytes(c, x, in), c.integers(w, 7), scale, bias, in, out);
  }

  /** Scales as networks have them. */
  public static QuantizedCase usual(Case c, Shape x, Shape w, Shape channels, DType in, DType out) {
    double[] scale = c.values(channels, DType.F32);
    double products = Math.sqrt((double) w.count() / channels.count()) * 127 * 64;
    for (int i = 0; i < scale.length; i++) {
      scale[i] = (float) (Math.abs(scale[i]) * 64 / products);
    }
    double[] bias = c.values(channels, DType.F32);
    return new QuantizedCase(c, bytes(c, x, in), c.integers(w, 127), scale, bias, in, out);
  }

  private static double[] bytes(Case c, Shape shape, DType type) {
    double[] values = c.integers(shape, 127);
    for (int i = 0; i < values.length; i++) {
      values[i] = type == DType.U8 ? Math.abs(values[i]) * 2 + 1 : values[i];
    }
    return values;
  }

  /** Devices that do not multiply bytes have no such plan. */
  public static void assumeBytes(Case c) {
    assumeTrue(c.device().computes(DType.I8), c.device() + " does not multiply bytes");
  }

  public double[] run(QuantizedPlan plan, Shape x, Shape w, Shape channels, Shape y) {
    Tensor packed =
        Tensor.empty(c.device(), DType.U8, Shape.of(Math.toIntExact(plan.packedBytes())));
    plan.pack(c.tensor(DType.F32, w, this.w), packed);
    Tensor written = c.output(output, y);
    SharedMemory.poison(c.device());
    plan.forward(
        c.tensor(input, x, this.x),
        packed,
        c.tensor(DType.F32, channels, scale),
        c.tensor(DType.F32, channels, bias),
        written);
    return Case.read(written);
  }

  /** F32 rounds a little, and a little may decide to which side a byte is rounded. */
  public void assertNear(String what, double[] expected, double[] actual) {
    int others = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual[i]);
      if (!(error <= (output == DType.I8 ? 1 : 1e-5 * (1 + Math.abs(expected[i]))))) {
        throw new AssertionError(what + "[" + i + "]: " + expected[i] + ", was " + actual[i]);
      }
      others += output == DType.I8 && error > 0 ? 1 : 0;
    }
    if (others > 1 + expected.length / 1000) {
      throw new AssertionError(what + ": " + others + " of " + expected.length + " are others");
    }
  }
}
