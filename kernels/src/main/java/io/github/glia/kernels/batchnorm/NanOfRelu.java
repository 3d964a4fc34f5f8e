package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Parallel;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/** oneDNN's fused ReLU makes 0 of NaN; this puts NaN back where the normalization has given one. */
final class NanOfRelu {
  private final BatchNormShape shape;
  private final DType type;
  private final double epsilon;

  NanOfRelu(BatchNormPlan.Key key) {
    this.shape = key.shape();
    this.type = key.type();
    this.epsilon = key.epsilon();
  }

  /** Whether it is possible of finite x: by a statistic or parameter of a channel. */
  boolean isPossible(Tensor gamma, Tensor beta, Tensor mean, Tensor variance) {
    for (Tensor t : new Tensor[] {gamma, beta, mean, variance}) {
      for (float value : read(t)) {
        if (!Float.isFinite(value) || (t == variance && value + epsilon <= 0)) {
          return true;
        }
      }
    }
    return false;
  }

  void putBack(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, Tensor y) {
    float[] scale = read(gamma);
    float[] deviation = read(variance);
    for (int c = 0; c < scale.length; c++) {
      scale[c] /= (float) Math.sqrt(deviation[c] + epsilon);
    }
    float[] center = read(mean);
    float[] shift = read(beta);
    long from = x.address();
    long to = y.address();
    Parallel.forEachPart(x.count(), (first, n) -> part(from, to, first, n, scale, center, shift));
  }

  private void part(
      long from, long to, long first, int n, float[] scale, float[] center, float[] shift) {
    float[] x = Elements.read(from, type, first, n);
    float[] y = null;
    int c = (int) (first % scale.length);
    for (int i = 0; i < n; i++) {
      if (Float.isNaN((x[i] - center[c]) * scale[c] + shift[c])) {
        if (y == null) {
          y = Elements.read(to, type, first, n);
        }
        y[i] = Float.NaN;
      }
      c = c + 1 == scale.length ? 0 : c + 1;
    }
    if (y != null) {
      Elements.write(to, type, first, y);
    }
  }

  private float[] read(Tensor ofChannels) {
    return Elements.read(ofChannels.address(), DType.F32, 0, shape.channels());
  }
}
