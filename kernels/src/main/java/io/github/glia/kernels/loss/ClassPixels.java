package io.github.glia.kernels.loss;

/** Pixels of {@link CrossEntropy} that a thread looks at together. */
final class ClassPixels {
  private static final int SUMS_PER_LOGARITHM = 16;

  private final CpuLoss loss;
  private final int channels;
  private final float[] trueClasses;
  private final float[] x;
  private final double[] largest;
  private final double[] exponentials;
  private long from;
  private int n;

  ClassPixels(CpuLoss loss, int channels) {
    this.loss = loss;
    this.channels = channels;
    int most = Math.max(1, Chunk.SIZE / channels);
    trueClasses = new float[most];
    x = new float[most * channels];
    largest = new double[most];
    exponentials = new double[most * channels];
  }

  /** How many were read. */
  int count() {
    return n;
  }

  /**
   * Reads pixels from there on, and none from {@code end} on. Taking the largest logit of a pixel
   * from all of them changes no probability, and no power overflows.
   */
  void read(long at, long end) {
    from = at;
    n = (int) Math.min(trueClasses.length, end - at);
    loss.readTruth(at, trueClasses, n);
    loss.readLogits(at * channels, x, n * channels);
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
  void gradient(double scale) {
    for (int i = 0; i < n; i++) {
      double sum = sum(i);
      double perSum = scale / sum;
      exponentials[i * channels + trueClass(i)] -= sum;
      for (int k = i * channels; k < (i + 1) * channels; k++) {
        x[k] = (float) (perSum * exponentials[k]);
      }
    }
    loss.write(x, from * channels, n * channels);
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
