package io.github.glia.kernels.conv;

/**
 * Sums of whole arrays of one length. Each is a long loop without offsets, since that is what the
 * JVM's compiler makes vector instructions of; the output is another array than what is read.
 */
final class FloatArrays {
  private FloatArrays() {}

  /** {@code out = a + b}. */
  static void add(float[] a, float[] b, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] + b[i];
    }
  }

  /** {@code out = a − b}. */
  static void subtract(float[] a, float[] b, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] - b[i];
    }
  }

  /** {@code out = a + b + c}. */
  static void add(float[] a, float[] b, float[] c, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] + b[i] + c[i];
    }
  }

  /** {@code out = a − b − c}. */
  static void subtract(float[] a, float[] b, float[] c, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] - b[i] - c[i];
    }
  }

  /** {@code out = (a + b + c)/2}. */
  static void halfOfSum(float[] a, float[] b, float[] c, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = 0.5f * (a[i] + b[i] + c[i]);
    }
  }

  /** {@code out = (a − b + c)/2}. */
  static void halfOfDifference(float[] a, float[] b, float[] c, float[] out) {
    for (int i = 0; i < out.length; i++) {
      out[i] = 0.5f * (a[i] - b[i] + c[i]);
    }
  }

  /** {@code a += b}. */
  static void addTo(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[i];
    }
  }

  /** {@code a = max(0, a)}; NaN stays NaN. */
  static void relu(float[] a) {
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.max(0, a[i]);
    }
  }
}
