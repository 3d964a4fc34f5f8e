package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import java.nio.FloatBuffer;

/** A part of the pixels of {@link CrossEntropy}, looked at a few at a time. */
final class ClassPixels {
  private final int channels;
  private final int count;
  private final FloatBuffer logits;
  private final Truth truth;
  private final float[] trueClasses;
  private final float[] x;
  private final double[] exponentials;
  private int n;

  /** Of the pixels {@code from … from + count − 1} of the logits and the truth. */
  ClassPixels(CpuBackend cpu, int channels, long x, long t, DType truth, long from, int count) {
    this.channels = channels;
    this.count = count;
    this.logits = cpu.floats(x, from * channels, count * channels);
    this.truth = new Truth(cpu, truth, t, from, count);
    int atOnce = Math.max(1, Math.min(count, Chunk.SIZE / channels));
    this.trueClasses = new float[atOnce];
    this.x = new float[atOnce * channels];
    this.exponentials = new double[atOnce * channels];
  }

  /**
   * Reads pixels from there on, and says how many. Taking the largest logit of a pixel from all of
   * them changes no probability, and no power overflows.
   */
  int read(int at) {
    n = Math.min(trueClasses.length, count - at);
    truth.read(at, trueClasses, n);
    logits.get(at * channels, x, 0, n * channels);
    for (int i = 0; i < n * channels; i += channels) {
      double largest = largest(i);
      for (int k = i; k < i + channels; k++) {
        exponentials[k] = Math.max(-Powers.LARGEST_EXPONENT, x[k] - largest);
      }
    }
    Powers.exp(exponentials, n * channels);
    return n;
  }

  /** Σ −log p[t] of the pixels that were read. */
  double loss() {
    double loss = 0;
    for (int i = 0; i < n; i++) {
      loss += Math.log(sum(i)) + (largest(i * channels) - x[i * channels + trueClass(i)]);
    }
    return loss;
  }

  /** Writes scale · (p[k] − (k = t ? 1 : 0)) of the pixels that were read. */
  void gradient(double scale, FloatBuffer dx, int at) {
    for (int i = 0; i < n; i++) {
      double sum = sum(i);
      exponentials[i * channels + trueClass(i)] -= sum;
      for (int k = i * channels; k < (i + 1) * channels; k++) {
        x[k] = (float) (scale * exponentials[k] / sum);
      }
    }
    dx.put(at * channels, x, 0, n * channels);
  }

  private double largest(int from) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int k = from; k < from + channels; k++) {
      largest = Math.max(largest, x[k]);
    }
    return largest;
  }

  private double sum(int pixel) {
    double sum = 0;
    for (int k = pixel * channels; k < (pixel + 1) * channels; k++) {
      sum += exponentials[k];
    }
    return sum;
  }

  private int trueClass(int pixel) {
    return (int) trueClasses[pixel];
  }
}
