package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;
import java.util.stream.IntStream;

/**
 * Makes samples of slices: one resampling for all changes of shape, bilinear in the image and
 * nearest in the mask; beyond the slice's border there is air. One thread uses it at a time.
 */
final class Augmenter {
  /** None of the four pixels is in the slice. */
  private static final int AIR = Integer.MIN_VALUE;

  /** Some of them are not. */
  private static final int BORDER = -1;

  private static final int NUMBERS_AT_ONCE = 2048;

  /** The numbers of a block, whose counter is the place of its first number. */
  private static final int BLOCK = 4;

  private final Augmentation ranges;
  private final int size;
  private final float[] xs;
  private final float[] ys;

  /** Of each place of a row, the upper left of the four pixels around it; or AIR, or BORDER. */
  private final int[] from;

  private final float[] right;
  private final float[] down;
  private final int[] bits = new int[NUMBERS_AT_ONCE];
  private final float[] normal = new float[NUMBERS_AT_ONCE];

  /** Which channel of the slice each channel of the sample shows. */
  private int[] shown;

  /**
   * @param size side of the samples
   */
  Augmenter(Augmentation ranges, int size) {
    this.ranges = ranges;
    this.size = size;
    xs = new float[size];
    ys = new float[size];
    from = new int[size];
    right = new float[size];
    down = new float[size];
  }

  /**
   * Writes a sample whose middle shows the slice at {@code (centreX, centreY)}.
   *
   * @param number which sample of the arrays it becomes
   */
  void fill(
      Slice slice,
      double centreX,
      double centreY,
      Philox random,
      float[] images,
      byte[] masks,
      int number) {
    Warp warp = new Warp(ranges, size, centreX, centreY, random);
    float[] table = Intensities.table(ranges, slice, random);
    shown = shown(slice.channels(), random);
    int imageAt = number * size * size * slice.channels();
    int maskAt = number * size * size;
    for (int row = 0; row < size; row++) {
      warp.places(row, xs, ys);
      imageRow(slice, table, images, imageAt + row * size * slice.channels());
      maskRow(slice, masks, maskAt + row * size);
    }
    float noise = (float) ranges.noise() * random.nextFloat();
    if (noise > 0) {
      long key = ((long) random.nextInt() << 32) | (random.nextInt() & 0xffff_ffffL);
      addNoise(noise, key, images, imageAt, imageAt + size * size * slice.channels());
    }
  }

  private int[] shown(int channels, Philox random) {
    int[] shown = IntStream.range(0, channels).toArray();
    if (ranges.missing() > 0 && channels == 3) {
      for (int channel = 0; channel < channels; channel += 2) {
        if (random.nextFloat() < ranges.missing()) {
          shown[channel] = 1;
        }
      }
    }
    return shown;
  }

  /** Draws whole blocks of the generator: noise needs more numbers than all else together. */
  private void addNoise(float deviation, long key, float[] images, int from, int to) {
    for (int start = from; start < to; start += bits.length) {
      int some = Math.min(bits.length, to - start);
      Philox.blocks(key, 0, start - from, BLOCK, bits);
      for (int i = 0; i < some; i++) {
        normal[i] = RoughNormal.of(bits[i]);
      }
      for (int i = 0; i < some; i++) { // apart from the other, so that it becomes vectors
        float value = images[start + i] + deviation * normal[i];
        images[start + i] = Math.max(0, Math.min(1, value));
      }
    }
  }

  private void imageRow(Slice slice, float[] table, float[] out, int at) {
    find(slice);
    for (int channel = 0; channel < slice.channels(); channel++) {
      channelOfRow(slice, table, channel, out, at);
    }
  }

  /** Finds the four pixels around each place of a row, and how far between them it lies. */
  private void find(Slice slice) {
    int channels = slice.channels();
    int stride = slice.width() * channels;
    int lastX = slice.width() - 1;
    int lastY = slice.height() - 1;
    for (int i = 0; i < size; i++) {
      int x = floor(xs[i]);
      int y = floor(ys[i]);
      right[i] = xs[i] - x;
      down[i] = ys[i] - y;
      if (x >= 0 && y >= 0 && x < lastX && y < lastY) {
        from[i] = y * stride + x * channels;
      } else {
        from[i] = x < -1 || y < -1 || x > lastX || y > lastY ? AIR : BORDER;
      }
    }
  }

  private void channelOfRow(Slice slice, float[] table, int channel, float[] out, int first) {
    byte[] image = slice.image();
    int channels = slice.channels();
    int stride = slice.width() * channels;
    int base = channel * Intensities.VALUES;
    int shift = shown[channel];
    int at = first + channel;
    for (int i = 0; i < size; i++, at += channels) {
      int pixel = from[i] + shift;
      if (from[i] >= 0) {
        float a = table[base + (image[pixel] & 255)];
        float b = table[base + (image[pixel + channels] & 255)];
        float c = table[base + (image[pixel + stride] & 255)];
        float d = table[base + (image[pixel + stride + channels] & 255)];
        out[at] = between(a, b, c, d, right[i], down[i]);
      } else {
        out[at] = from[i] == AIR ? table[base] : border(slice, table, channel, i);
      }
    }
  }

  private static float between(float a, float b, float c, float d, float right, float down) {
    float top = a + right * (b - a);
    float bottom = c + right * (d - c);
    return top + down * (bottom - top);
  }

  /** Interpolates where some of the four pixels are beyond the border. */
  private float border(Slice slice, float[] table, int channel, int i) {
    int x = floor(xs[i]);
    int y = floor(ys[i]);
    return between(
        value(slice, table, x, y, channel),
        value(slice, table, x + 1, y, channel),
        value(slice, table, x, y + 1, channel),
        value(slice, table, x + 1, y + 1, channel),
        right[i],
        down[i]);
  }

  private float value(Slice slice, float[] table, int x, int y, int channel) {
    boolean outside = x < 0 || y < 0 || x >= slice.width() || y >= slice.height();
    int pixel =
        outside
            ? 0
            : slice.image()[(y * slice.width() + x) * slice.channels() + shown[channel]] & 255;
    return table[channel * Intensities.VALUES + pixel];
  }

  private void maskRow(Slice slice, byte[] out, int at) {
    byte[] mask = slice.mask();
    for (int i = 0; i < size; i++) {
      int x = floor(xs[i] + 0.5f);
      int y = floor(ys[i] + 0.5f);
      boolean outside = x < 0 || y < 0 || x >= slice.width() || y >= slice.height();
      out[at + i] = outside ? 0 : mask[y * slice.width() + x];
    }
  }

  private static int floor(float value) {
    int whole = (int) value;
    return value < whole ? whole - 1 : whole;
  }
}
