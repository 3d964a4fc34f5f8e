package io.github.glia.kernels.upsample;

/**
 * Bilinear interpolation in one dimension: output place i is {@code (1 − fraction[i]) · x[lower[i]]
 * + fraction[i] · x[lower[i] + 1]}.
 */
final class Taps {
  private final int[] lower;
  private final float[] fraction;
  private final int[] first;

  Taps(int size, int scale) {
    lower = new int[size * scale];
    fraction = new float[size * scale];
    first = new int[size + 1];
    for (int i = 0; i < lower.length; i++) {
      double place = Math.max((i + 0.5) / scale - 0.5, 0);
      lower[i] = (int) place;
      boolean last = lower[i] == size - 1;
      fraction[i] = last ? 0 : (float) (place - lower[i]);
    }
    for (int k = 1; k <= size; k++) {
      first[k] = first[k - 1];
      while (first[k] < lower.length && lower[first[k]] < k) {
        first[k]++;
      }
    }
  }

  /** The first output place whose lower input place is at least k. */
  int first(int k) {
    return first[k];
  }

  /** The most output places that an input place is part of. */
  int mostOutputs() {
    int most = 0;
    for (int k = 0; k < first.length - 1; k++) {
      most = Math.max(most, first(k + 1) - first(Math.max(k - 1, 0)));
    }
    return most;
  }

  /** The weight of input place k in output place i, whose lower place is k or k − 1. */
  float weight(int i, int k) {
    return lower[i] == k ? 1 - fraction[i] : fraction[i];
  }
}
