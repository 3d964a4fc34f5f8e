package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import java.nio.FloatBuffer;

/** A part of the pixels of {@link CrossEntropy}, looked at one by one. */
final class ClassPixels {
  private final int channels;
  private final FloatBuffer logits;
  private final Truth truth;
  private final float[] trueClass = new float[1];
  private final float[] x;
  private final double[] exponentials;
  private double largest;
  private double sum;

  ClassPixels(CpuBackend cpu, int channels, long x, long t, DType truth, long from, int n) {
    this.channels = channels;
    this.logits = cpu.floats(x, from * channels, n * channels);
    this.truth = new Truth(cpu, truth, t, from, n);
    this.x = new float[channels];
    this.exponentials = new double[channels];
  }

  /** Goes to a pixel. The largest logit is taken from all of them, so that no power overflows. */
  void read(int pixel) {
    truth.read(pixel, trueClass, 1);
    logits.get(pixel * channels, x, 0, channels);
    float max = Float.NEGATIVE_INFINITY;
    for (float value : x) {
      max = Math.max(max, value);
    }
    largest = max;
    sum = 0;
    for (int k = 0; k < channels; k++) {
      exponentials[k] = Math.exp(x[k] - largest);
      sum += exponentials[k];
    }
  }

  /** −log p[t]. */
  double loss() {
    return Math.log(sum) - (x[(int) trueClass[0]] - largest);
  }

  /** Writes scale · (p[k] − (k = t ? 1 : 0)). */
  void gradient(double scale, float[] dx) {
    exponentials[(int) trueClass[0]] -= sum;
    for (int k = 0; k < channels; k++) {
      dx[k] = (float) (scale * exponentials[k] / sum);
    }
  }
}
