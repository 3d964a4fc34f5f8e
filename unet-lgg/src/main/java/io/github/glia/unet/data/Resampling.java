package io.github.glia.unet.data;

/** Changes the size of images and masks. */
public final class Resampling {
  private Resampling() {}

  /**
   * Bilinear where the image grows; where it shrinks, the triangle grows with it, so that every
   * pixel of the source counts.
   */
  static Pixels image(Pixels source, int height, int width) {
    float[] values =
        values(source.values(), source.height(), source.width(), source.channels(), height, width);
    return new Pixels(height, width, source.channels(), values, source.white());
  }

  /** The same of {@code [height, width, channels]} values. */
  public static float[] values(
      float[] source, int height, int width, int channels, int newHeight, int newWidth) {
    float[] wide = alongMiddle(source, height, width, channels, newWidth);
    return alongMiddle(wide, 1, height, newWidth * channels, newHeight);
  }

  /** The nearest pixel, so that a mask stays one of 0 and 1. */
  static byte[] mask(byte[] source, int height, int width, int newHeight, int newWidth) {
    byte[] result = new byte[newHeight * newWidth];
    for (int y = 0; y < newHeight; y++) {
      int fromY = nearest(y, height, newHeight);
      for (int x = 0; x < newWidth; x++) {
        result[y * newWidth + x] = source[fromY * width + nearest(x, width, newWidth)];
      }
    }
    return result;
  }

  private static int nearest(int at, int from, int to) {
    return (int) ((2L * at + 1) * from / (2L * to));
  }

  /** Resamples the middle dimension of {@code [outer, length, inner]}. */
  private static float[] alongMiddle(
      float[] source, int outer, int length, int inner, int newLength) {
    float[] result = new float[outer * newLength * inner];
    double scale = (double) length / newLength;
    double reach = Math.max(1, scale);
    for (int to = 0; to < newLength; to++) {
      double center = (to + 0.5) * scale - 0.5;
      int first = Math.max(0, (int) Math.ceil(center - reach));
      int last = Math.min(length - 1, (int) Math.floor(center + reach));
      double sum = 0;
      for (int from = first; from <= last; from++) {
        sum += triangle(from - center, reach);
      }
      for (int from = first; from <= last; from++) {
        float weight = (float) (triangle(from - center, reach) / sum);
        for (int o = 0; weight > 0 && o < outer; o++) {
          int sourceAt = (o * length + from) * inner;
          int resultAt = (o * newLength + to) * inner;
          for (int i = 0; i < inner; i++) {
            result[resultAt + i] += weight * source[sourceAt + i];
          }
        }
      }
    }
    return result;
  }

  private static double triangle(double distance, double reach) {
    return Math.max(0, 1 - Math.abs(distance) / reach);
  }
}
