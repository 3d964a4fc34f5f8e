package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;
import java.util.stream.IntStream;

/**
 * Makes samples of slices: one resampling for all changes of shape, bilinear in the image and
 * nearest in the mask; beyond the slice's border there is air. One thread uses it at a time.
 */
final class Augmenter {
  private final Augmentation ranges;
  private final int size;
  private final float[] xs;
  private final float[] ys;

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
      float[] masks,
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
  private static void addNoise(float deviation, long key, float[] images, int from, int to) {
    int[] block = new int[4];
    for (int start = from; start < to; start += block.length) {
      Philox.block(key, 0, start - from, block);
      for (int i = start; i < Math.min(to, start + block.length); i++) {
        float value = images[i] + deviation * RoughNormal.of(block[i - start]);
        images[i] = Math.max(0, Math.min(1, value));
      }
    }
  }

  private void imageRow(Slice slice, float[] table, float[] out, int at) {
    byte[] image = slice.image();
    int channels = slice.channels();
    int stride = slice.width() * channels;
    int lastX = slice.width() - 1;
    int lastY = slice.height() - 1;
    for (int i = 0; i < size; i++, at += channels) {
      int x = floor(xs[i]);
      int y = floor(ys[i]);
      float right = xs[i] - x;
      float down = ys[i] - y;
      if (x < 0 || y < 0 || x >= lastX || y >= lastY) {
        border(slice, table, x, y, right, down, out, at);
        continue;
      }
      int from = y * stride + x * channels;
      for (int channel = 0; channel < channels; channel++) {
        int base = channel * Intensities.VALUES;
        int pixel = from + shown[channel];
        float a = table[base + (image[pixel] & 255)];
        float b = table[base + (image[pixel + channels] & 255)];
        float c = table[base + (image[pixel + stride] & 255)];
        float d = table[base + (image[pixel + stride + channels] & 255)];
        float top = a + right * (b - a);
        float bottom = c + right * (d - c);
        out[at + channel] = top + down * (bottom - top);
      }
    }
  }

  /** Interpolates where some of the four pixels are beyond the border. */
  private void border(
      Slice slice, float[] table, int x, int y, float right, float down, float[] out, int at) {
    for (int channel = 0; channel < slice.channels(); channel++) {
      float a = value(slice, table, x, y, channel);
      float b = value(slice, table, x + 1, y, channel);
      float c = value(slice, table, x, y + 1, channel);
      float d = value(slice, table, x + 1, y + 1, channel);
      float top = a + right * (b - a);
      float bottom = c + right * (d - c);
      out[at + channel] = top + down * (bottom - top);
    }
  }

  private float value(Slice slice, float[] table, int x, int y, int channel) {
    boolean outside = x < 0 || y < 0 || x >= slice.width() || y >= slice.height();
    int pixel =
        outside
            ? 0
            : slice.image()[(y * slice.width() + x) * slice.channels() + shown[channel]] & 255;
    return table[channel * Intensities.VALUES + pixel];
  }

  private void maskRow(Slice slice, float[] out, int at) {
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
