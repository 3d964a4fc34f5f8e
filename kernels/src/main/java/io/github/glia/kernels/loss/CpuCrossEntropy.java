package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Parallel;
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
    return new ClassPixels(cpu, channels, x, truth(t, from, n), from, n);
  }
}
