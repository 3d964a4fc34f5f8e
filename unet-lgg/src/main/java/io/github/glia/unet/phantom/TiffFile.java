package io.github.glia.unet.phantom;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes 8-bit images as uncompressed TIFF: the header, the pixels in one strip, the tags. */
final class TiffFile {
  private static final int HEADER = 8;
  private static final int TAGS = 13;
  private static final int TAG_BYTES = 12;
  private static final short SHORT = 3;
  private static final short LONG = 4;
  private static final short RATIONAL = 5;

  private TiffFile() {}

  /**
   * @param channels 1 for grey, 3 for red, green and blue
   * @param pixels {@code [height, width, channels]}
   */
  static void write(Path file, int width, int height, int channels, byte[] pixels)
      throws IOException {
    int padded = pixels.length + pixels.length % 2;
    int bits = HEADER + padded;
    int resolution = bits + 2 * 4;
    int tags = resolution + 2 * Integer.BYTES;
    ByteBuffer out =
        ByteBuffer.allocate(tags + 2 + TAGS * TAG_BYTES + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(tags);
    out.put(pixels).position(bits);
    out.putShort((short) 8).putShort((short) 8).putShort((short) 8).putShort((short) 0);
    out.putInt(1).putInt(1);
    out.putShort((short) TAGS);
    tag(out, 256, SHORT, 1, width);
    tag(out, 257, SHORT, 1, height);
    tag(out, 258, SHORT, channels, channels == 1 ? 8 : bits); // bits per sample
    tag(out, 259, SHORT, 1, 1); // not compressed
    tag(out, 262, SHORT, 1, channels == 1 ? 1 : 2); // black is 0; or red, green and blue
    tag(out, 273, LONG, 1, HEADER); // where the strip begins
    tag(out, 277, SHORT, 1, channels);
    tag(out, 278, SHORT, 1, height); // rows in the strip
    tag(out, 279, LONG, 1, pixels.length);
    tag(out, 282, RATIONAL, 1, resolution);
    tag(out, 283, RATIONAL, 1, resolution);
    tag(out, 284, SHORT, 1, 1); // the channels of a pixel side by side
    tag(out, 296, SHORT, 1, 1); // the resolution has no unit
    out.putInt(0); // no further image
    Files.write(file, out.array());
  }

  private static void tag(ByteBuffer out, int code, short type, int count, int value) {
    out.putShort((short) code).putShort(type).putInt(count).putInt(value);
  }
}
