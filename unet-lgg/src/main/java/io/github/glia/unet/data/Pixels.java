package io.github.glia.unet.data;

import java.util.Optional;

/**
 * An image as it was measured: {@code [height, width, channels]}. Samples of 8 bits stay bytes, a
 * quarter of what numbers take: reading many files is bound by memory.
 */
final class Pixels {
  static final int BYTE_VALUES = 256;

  private final int height;
  private final int width;
  private final int channels;
  private final float white;

  /** One of the two is null. */
  private final byte[] bytes;

  private final float[] numbers;

  private int[] counts;

  /**
   * @param white the value that plain normalisation takes to 1; NaN where the format knows none
   */
  Pixels(int height, int width, int channels, float[] values, float white) {
    this(height, width, channels, null, values, white);
  }

  private Pixels(int height, int width, int channels, byte[] bytes, float[] numbers, float white) {
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.bytes = bytes;
    this.numbers = numbers;
    this.white = white;
  }

  /** Of unsigned samples, whose white is 255. */
  static Pixels ofBytes(int height, int width, int channels, byte[] bytes) {
    return new Pixels(height, width, channels, bytes, null, BYTE_VALUES - 1);
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  int channels() {
    return channels;
  }

  float white() {
    return white;
  }

  /** How many samples there are. */
  int count() {
    return height * width * channels;
  }

  float at(int sample) {
    return bytes == null ? numbers[sample] : bytes[sample] & 0xff;
  }

  float[] values() {
    if (bytes == null) {
      return numbers;
    }
    float[] values = new float[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }

  /**
   * How often each value is there, {@code [channels, 256]}, counted once; nothing where samples are
   * no bytes.
   */
  Optional<int[]> counts() {
    if (bytes != null && counts == null) {
      counts = new int[channels * BYTE_VALUES];
      int channel = 0;
      for (byte value : bytes) {
        counts[channel + (value & 0xff)]++;
        channel += BYTE_VALUES;
        channel = channel == counts.length ? 0 : channel;
      }
    }
    return Optional.ofNullable(counts);
  }

  /** What a channel's samples become. */
  interface Change {
    byte of(int channel, float value);
  }

  /** All samples changed; what becomes of bytes is computed once for each value. */
  byte[] changed(Change change) {
    byte[] result = new byte[count()];
    for (int c = 0; c < channels; c++) {
      if (bytes == null) {
        for (int i = c; i < result.length; i += channels) {
          result[i] = change.of(c, numbers[i]);
        }
      } else {
        byte[] table = new byte[BYTE_VALUES];
        for (int value = 0; value < BYTE_VALUES; value++) {
          table[value] = change.of(c, value);
        }
        for (int i = c; i < result.length; i += channels) {
          result[i] = table[bytes[i] & 0xff];
        }
      }
    }
    return result;
  }

  /** For messages: "256×256×3". */
  String size() {
    return width + "×" + height + "×" + channels;
  }
}
