package io.github.glia.kernels.dropout;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Tensor;
import java.util.Map;

/** Dropout: the mask in plain Java, and a product. */
final class CpuDropout implements DropoutPlan {
  /** Philox makes this many numbers at once; parts begin at multiples of it. */
  private static final int LANES = 4;

  private static final ThreadLocal<int[]> RANDOM = ThreadLocal.withInitial(() -> new int[1 << 11]);

  private final CpuBackend cpu;
  private final Key key;
  private final MultiplyPlan product;

  /** Of 1 / (1 − p) in F32. */
  private final int keptBits;

  private final int firstKept;
  private final Parallel.Body write = this::write;

  /** Of the call that runs. */
  private long seed;

  private long stream;
  private long mask;

  CpuDropout(CpuBackend cpu, Key key, MultiplyPlan product) {
    this.cpu = cpu;
    this.key = key;
    this.product = product;
    this.firstKept = key.firstKept();
    this.keptBits = Float.floatToRawIntBits(key.kept());
  }

  @Override
  public void forward(Tensor x, long seed, long stream, Tensor y, Tensor mask) {
    check("forward", "x", x);
    check("forward", "y", y);
    check("forward", "mask", mask);
    synchronized (cpu) {
      this.seed = seed;
      this.stream = stream;
      this.mask = mask.address();
      Parallel.forEachPart(mask.count(), write);
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

  /** Chosen as integers, which takes no branch: random branches are slow. */
  private void write(long from, int n) {
    int[] random = RANDOM.get();
    Elements part = Elements.ofThread();
    for (int at = 0; at < n; at += random.length) {
      Philox.blocks(seed, stream, (from + at) / LANES, random);
      for (int i = 0; i < Math.min(random.length, n - at); i++) {
        int dropped = ((random[i] >>> 8) - firstKept) >> 31;
        part.values[at + i] = Float.intBitsToFloat(keptBits & ~dropped);
      }
    }
    part.write(cpu, mask, key.type(), from, n);
  }

  @Override
  public Map<String, String> implementations() {
    return Map.of();
  }

  @Override
  public void close() {}

  private void check(String direction, String argument, Tensor t) {
    Check.tensor("dropout", direction, argument, t, "cpu", key.type(), key.shape());
  }
}
