package io.github.glia.kernels.loss;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import java.nio.FloatBuffer;

/** Cross entropy of classes in plain Java. */
final class CpuCrossEntropy extends CpuLoss {
  private final int channels;
  private final long pixels;

  CpuCrossEntropy(CpuBackend cpu, Key key) {
    super(cpu, key);
    channels = key.logits().size(-1);
    pixels = key.truthShape().count();
  }

  @Override
  double loss(long x, long t) {
    requireClasses(t);
    double[] sum =
        Parallel.sum(
            pixels,
            1,
            (from, n, sums) -> {
              ClassPixels part = part(x, t, from, n);
              int at = 0;
              while (at < n) {
                at += part.read(at);
                sums[0] += part.loss();
              }
            });
    return sum[0] / pixels;
  }

  @Override
  void gradient(long x, long t, float dLoss, long dx) {
    requireClasses(t);
    double scale = (double) dLoss / pixels;
    Parallel.forEachPart(
        pixels,
        (from, n) -> {
          ClassPixels part = part(x, t, from, n);
          FloatBuffer gradients = cpu.floats(dx, from * channels, n * channels);
          int at = 0;
          while (at < n) {
            int read = part.read(at);
            part.gradient(scale, gradients, at);
            at += read;
          }
        });
  }

  private ClassPixels part(long x, long t, long from, int n) {
    return new ClassPixels(cpu, channels, x, t, key.truth(), from, n);
  }

  /** Refuses a truth that is no class. */
  private void requireClasses(long t) {
    double[] wrong =
        Parallel.sum(
            pixels,
            1,
            (from, n, sums) -> {
              Truth truth = new Truth(cpu, key.truth(), t, from, n);
              float[] value = new float[1];
              for (int i = 0; i < n; i++) {
                truth.read(i, value, 1);
                sums[0] += isClass(value[0]) ? 0 : 1;
              }
            });
    if (wrong[0] > 0) {
      throw firstThatIsNoClass(t);
    }
  }

  private IllegalArgumentException firstThatIsNoClass(long t) {
    float[] value = new float[1];
    long pixel = -1;
    do {
      pixel++;
      new Truth(cpu, key.truth(), t, pixel, 1).read(0, value, 1);
    } while (isClass(value[0]));
    String found = key.truth() == DType.U8 ? "" + (int) value[0] : "" + value[0];
    return Check.failed(
        "cross entropy",
        "the truth of pixel "
            + pixel
            + " is "
            + found
            + ", but the classes are 0 to "
            + (channels - 1));
  }

  private boolean isClass(float value) {
    return value >= 0 && value < channels && value == (int) value;
  }
}
