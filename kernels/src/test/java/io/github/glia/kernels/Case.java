package io.github.glia.kernels;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.HalfPrecision;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Random;

/** One random case of a contract: where it runs, in which type, and its own random numbers. */
public record Case(Device device, DType type, Random random) {
  /** A number from {@code low} to {@code high}, both included. */
  public int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  @SafeVarargs
  public final <T> T oneOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** Normal values that the type holds exactly. */
  public double[] values(Shape shape) {
    return values(shape, type);
  }

  public double[] values(Shape shape, DType heldBy) {
    double[] values = new double[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = round((float) random.nextGaussian(), heldBy);
    }
    return values;
  }

  /** Integers from −range to range: sums of their products are exact in F32. */
  public double[] integers(Shape shape, int range) {
    double[] values = new double[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = between(-range, range);
    }
    return values;
  }

  public Tensor tensor(Shape shape, double[] values) {
    return tensor(type, shape, values);
  }

  /** A view that begins one element behind where tensors begin. */
  public Tensor unaligned(Shape shape, double[] values) {
    double[] behindAnother = new double[values.length + 1];
    System.arraycopy(values, 0, behindAnother, 1, values.length);
    return tensor(Shape.of(behindAnother.length), behindAnother)
        .slice(1, behindAnother.length)
        .reshape(shape);
  }

  public Tensor tensor(DType dtype, Shape shape, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(device, dtype, shape, floats);
  }

  /** A tensor full of NaN, so that an element that is not written shows. */
  public Tensor output(Shape shape) {
    return output(type, shape);
  }

  public Tensor output(DType dtype, Shape shape) {
    double[] poison = new double[(int) shape.count()];
    java.util.Arrays.fill(poison, Double.NaN);
    return tensor(dtype, shape, poison);
  }

  public static double[] read(Tensor tensor) {
    float[] floats = tensor.toFloats();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  /** The relative error (L2) that results in this type may have: a few roundings of the type. */
  public double tolerance() {
    return switch (type) {
      case F32 -> 1e-5;
      case F16 -> 1e-3;
      case BF16 -> 6e-3;
      case U8, I8 -> 0;
    };
  }

  private static double round(float value, DType heldBy) {
    return switch (heldBy) {
      case F32 -> value;
      case BF16 -> HalfPrecision.fromBf16(HalfPrecision.toBf16(value));
      case F16 -> HalfPrecision.fromF16(HalfPrecision.toF16(value));
      case U8 -> Math.abs(Math.rint(value * 50)) % 256;
      case I8 -> Math.rint(value * 50) % 128;
    };
  }
}
