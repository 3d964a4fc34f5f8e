package io.github.glia.unet.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Slices that tell where they came from. */
final class TestSlices {
  private TestSlices() {}

  /** An off-centre disc that is white in every channel, and tumour. */
  static Slice disc(int size, int channels) {
    byte[] image = new byte[size * size * channels];
    byte[] mask = new byte[size * size];
    for (int i = 0; i < mask.length; i++) {
      double x = i % size - 0.6 * size;
      double y = Math.floorDiv(i, size) - 0.45 * size;
      if (x * x + y * y < 0.04 * size * size) {
        mask[i] = 1;
        for (int channel = 0; channel < channels; channel++) {
          image[i * channels + channel] = (byte) 255;
        }
      }
    }
    return new Slice("disc", 1, Path.of("disc.tif"), size, size, channels, image, mask);
  }

  /** Each pixel and channel of another value, in no order. */
  static Slice scattered(int size, int channels, int number) {
    byte[] image = new byte[size * size * channels];
    byte[] mask = new byte[size * size];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) (((i + number) * 0x9E3779B1) >>> 24);
    }
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) (((i + number) * 0x85EBCA6B) >>> 31);
    }
    return new Slice("scattered", number, Path.of("s.tif"), size, size, channels, image, mask);
  }

  /** Slices of one grey each, the value being their number; the first of them with tumour. */
  static List<Slice> numbered(int count, int positive, int size) {
    List<Slice> slices = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      byte[] image = new byte[size * size];
      Arrays.fill(image, (byte) number);
      byte[] mask = new byte[size * size];
      mask[0] = (byte) (number < positive ? 1 : 0);
      slices.add(new Slice("p", number, Path.of(number + ".tif"), size, size, 1, image, mask));
    }
    return slices;
  }
}
