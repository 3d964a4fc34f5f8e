package io.github.glia.kernels.dropout;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.HalfPrecision;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;

/** Dropout: the mask in plain Java, and a product. */
final class CpuDropout implements DropoutPlan {
  /** Philox makes this many numbers at once; parts begin at multiples of it. */
  private static final int LANES = 4;

  private final CpuBackend cpu;
  private final Key key;
  private final MultiplyPlan product;

  /** 1 / (1 − p) as it is in memory. */
  private final int keptBits;

  private final int firstKept;

  CpuDropout(CpuBackend cpu, Key key, MultiplyPlan product) {
    this.cpu = cpu;
    this.key = key;
    this.product = product;
    this.firstKept = key.firstKept();
    this.keptBits = bits(key.kept(), key.type());
  }

  @Override
  public void forward(Tensor x, long seed, long stream, Tensor y, Tensor mask) {
    check("forward", "x", x);
    check("forward", "y", y);
    check("forward", "mask", mask);
    synchronized (cpu) {
      long address = mask.address();
      Parallel.forEachPart(
          mask.count(), (from, n) -> write(address, from, n, maskBits(seed, stream, from, n)));
      mask.changed();
      product.forward(x, mask, y);
    }
  }

  @Override
  public void backward(Tensor dy, Tensor mask, Tensor dx) {
    check("backward", "dy", dy);
    check("backward", "mask", mask);
    check("backward", "dx", dx);
    product.forward(dy, mask, dx);
  }

  /** Integers, since these are chosen without a branch, and random branches are slow. */
  private int[] maskBits(long seed, long stream, long from, int n) {
    int[] bits = new int[(n + LANES - 1) / LANES * LANES];
    Philox.blocks(seed, stream, from / LANES, bits);
    for (int i = 0; i < bits.length; i++) {
      int dropped = ((bits[i] >>> 8) - firstKept) >> 31;
      bits[i] = keptBits & ~dropped;
    }
    return bits;
  }

  private void write(long address, long from, int n, int[] bits) {
    int bytes = key.type().bytes();
    ByteBuffer part = cpu.view(address + from * bytes, (long) n * bytes);
    if (key.type() == DType.F32) {
      part.asIntBuffer().put(0, bits, 0, n);
      return;
    }
    short[] halves = new short[n];
    for (int i = 0; i < n; i++) {
      halves[i] = (short) bits[i];
    }
    part.asShortBuffer().put(0, halves);
  }

  private static int bits(float value, DType type) {
    return switch (type) {
      case F32 -> Float.floatToRawIntBits(value);
      case BF16 -> HalfPrecision.toBf16(value);
      case F16 -> HalfPrecision.toF16(value);
      case U8 -> throw Check.failed("dropout", "does not compute in U8");
    };
  }

  @Override
  public Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public void close() {}

  private void check(String direction, String argument, Tensor t) {
    Check.tensor("dropout " + direction, argument, t, "cpu", key.type(), key.shape());
  }
}
