package io.github.glia.kernels.loss;

import io.github.glia.kernels.cpu.CpuBackend;
import java.nio.FloatBuffer;

/** A part of the pixels of {@link CrossEntropy}, looked at a few at a time. */
final class ClassPixels {
  private static final int SUMS_PER_LOGARITHM = 16;

  private final int channels;
  private final int count;
  private final FloatBuffer logits;
  private final Truth truth;
  private final float[] trueClasses;
  private final float[] x;
  private final double[] largest;
  private final double[] exponentials;
  private int n;

  /** Of the pixels {@code from … from + count − 1} of the logits and the truth. */
  ClassPixels(CpuBackend cpu, int channels, long x, Truth truth, long from, int count) {
    this.channels = channels;
    this.count = count;
    this.logits = cpu.floats(x, from * channels, count * channels);
    this.truth = truth;
    int atOnce = Math.max(1, Math.min(count, Chunk.SIZE / channels));
    this.trueClasses = new float[atOnce];
    this.x = new float[atOnce * channels];
    this.largest = new double[atOnce];
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
    for (int i = 0; i < n; i++) {
      largest[i] = largest(i * channels);
      for (int k = i * channels; k < (i + 1) * channels; k++) {
        exponentials[k] = x[k] - largest[i];
      }
    }
    for (int k = 0; k < n * channels; k++) {
      exponentials[k] = Math.max(-Powers.LARGEST_EXPONENT, exponentials[k]);
    }
    Powers.exp(exponentials, n * channels);
    return n;
  }

  /**
   * Σ −log p[t] of the pixels that were read. The logarithms of several sums are the logarithm of
   * their product, which does not overflow: each sum is from 1 to the number of classes.
   */
  double loss() {
    double loss = 0;
    double product = 1;
    for (int i = 0; i < n; i++) {
      loss += largest[i] - x[i * channels + trueClass(i)];
      product *= sum(i);
      if (i % SUMS_PER_LOGARITHM == SUMS_PER_LOGARITHM - 1) {
        loss += Math.log(product);
        product = 1;
      }
    }
    return loss + Math.log(product);
  }

  /** Writes scale · (p[k] − (k = t ? 1 : 0)) of the pixels that were read. */
  void gradient(double scale, FloatBuffer dx, int at) {
    for (int i = 0; i < n; i++) {
      double sum = sum(i);
      double perSum = scale / sum;
      exponentials[i * channels + trueClass(i)] -= sum;
      for (int k = i * channels; k < (i + 1) * channels; k++) {
        x[k] = (float) (perSum * exponentials[k]);
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
