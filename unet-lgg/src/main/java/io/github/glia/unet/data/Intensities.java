package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;

/**
 * A random change of brightness for each channel: a table from the 256 values of a pixel.
 *
 * <pre>
 *   w = v^gamma;  value = brightness · (mean + contrast · (w − mean)), cut to 0 … 1
 * </pre>
 */
final class Intensities {
  static final int VALUES = 256;

  private Intensities() {}

  /** A table {@code [channels, 256]} for a slice. */
  static float[] table(Augmentation ranges, Slice slice, Philox random) {
    int channels = slice.channels();
    float[] table = new float[channels * VALUES];
    for (int channel = 0; channel < channels; channel++) {
      double brightness = 1 + ranges.brightness() * symmetric(random);
      double contrast = 1 + ranges.contrast() * symmetric(random);
      double gamma = StrictMath.pow(1 + ranges.gamma(), symmetric(random));
      boolean changed = brightness != 1 || contrast != 1 || gamma != 1;
      double mean = contrast == 1 ? 0 : StrictMath.pow(mean(slice, channel), gamma);
      for (int value = 0; value < VALUES; value++) {
        float plain = value / 255f;
        table[channel * VALUES + value] =
            changed ? change(plain, brightness, contrast, mean, gamma) : plain;
      }
    }
    return table;
  }

  private static double symmetric(Philox random) {
    return 2.0 * random.nextFloat() - 1;
  }

  private static float change(
      float plain, double brightness, double contrast, double mean, double gamma) {
    double value = gamma == 1 ? plain : StrictMath.pow(plain, gamma);
    value = brightness * (mean + contrast * (value - mean));
    return (float) Math.max(0, Math.min(1, value));
  }

  private static double mean(Slice slice, int channel) {
    byte[] image = slice.image();
    long sum = 0;
    for (int i = channel; i < image.length; i += slice.channels()) {
      sum += image[i] & 255;
    }
    return sum / (255.0 * slice.height() * slice.width());
  }
}
