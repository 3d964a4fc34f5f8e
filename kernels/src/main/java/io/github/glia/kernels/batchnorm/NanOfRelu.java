package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/** oneDNN's fused ReLU makes 0 of NaN; this puts NaN back where the normalization has given one. */
final class NanOfRelu {
  private final CpuBackend cpu;
  private final BatchNormShape shape;
  private final DType type;
  private final double epsilon;
  private final Elements ofChannels;

  NanOfRelu(CpuBackend cpu, BatchNormPlan.Key key) {
    this.cpu = cpu;
    this.shape = key.shape();
    this.ofChannels = new Elements(shape.channels());
    this.type = key.type();
    this.epsilon = key.epsilon();
  }

  /** Whether it is possible of finite x: by a statistic or parameter of a channel. */
  boolean isPossible(Tensor gamma, Tensor beta, Tensor mean, Tensor variance) {
    return !areFinite(gamma) || !areFinite(beta) || !areFinite(mean) || !haveRoots(variance);
  }

  private boolean areFinite(Tensor channels) {
    for (float value : read(channels)) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private boolean haveRoots(Tensor variance) {
    for (float value : read(variance)) {
      if (!Float.isFinite(value) || value + epsilon <= 0) {
        return false;
      }
    }
    return true;
  }

  void putBack(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, Tensor y) {
    float[] scale = read(gamma).clone();
    float[] deviation = read(variance);
    for (int c = 0; c < scale.length; c++) {
      scale[c] /= (float) Math.sqrt(deviation[c] + epsilon);
    }
    float[] center = read(mean).clone();
    float[] shift = read(beta).clone();
    long from = x.address();
    long to = y.address();
    Parallel.forEachPart(x.count(), (first, n) -> part(from, to, first, n, scale, center, shift));
  }

  private void part(
      long from, long to, long first, int n, float[] scale, float[] center, float[] shift) {
    float[] x = Elements.ofThread().read(cpu, from, type, first, n).values;
    Elements y = null;
    int c = (int) (first % scale.length);
    for (int i = 0; i < n; i++) {
      if (Float.isNaN((x[i] - center[c]) * scale[c] + shift[c])) {
        if (y == null) {
          y = new Elements(n).read(cpu, to, type, first, n);
        }
        y.values[i] = Float.NaN;
      }
      c = c + 1 == scale.length ? 0 : c + 1;
    }
    if (y != null) {
      y.write(cpu, to, type, first, n);
    }
  }

  private float[] read(Tensor channels) {
    return ofChannels.read(cpu, channels.address(), DType.F32, 0, shape.channels()).values;
  }
}
