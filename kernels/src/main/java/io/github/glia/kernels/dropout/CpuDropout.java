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

  private final CpuBackend cpu;
  private final Key key;
  private final MultiplyPlan product;

  CpuDropout(CpuBackend cpu, Key key, MultiplyPlan product) {
    this.cpu = cpu;
    this.key = key;
    this.product = product;
  }

  @Override
  public void forward(Tensor x, long seed, long stream, Tensor y, Tensor mask) {
    check("forward", "x", x);
    check("forward", "y", y);
    check("forward", "mask", mask);
    synchronized (cpu) {
      long address = mask.address();
      Parallel.forEachPart(
          mask.count(),
          (from, n) -> Elements.write(address, key.type(), from, maskOf(seed, stream, from, n)));
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

  private float[] maskOf(long seed, long stream, long from, int n) {
    float probability = key.probability();
    float kept = (float) (1 / (1.0 - probability));
    float[] mask = new float[n];
    int[] random = new int[LANES];
    for (int i = 0; i < n; i += LANES) {
      Philox.block(seed, stream, (from + i) / LANES, random);
      int lanes = Math.min(LANES, n - i);
      for (int lane = 0; lane < lanes; lane++) {
        mask[i + lane] = Philox.toUniform(random[lane]) >= probability ? kept : 0;
      }
    }
    return mask;
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
