package io.github.glia.unet.data;

/** What a JPEG stream says about its size, without decoding it. */
final class JpegSize {
  private static final int START_OF_IMAGE = 0xd8;
  private static final int START_OF_SCAN = 0xda;

  private JpegSize() {}

  /** The bytes that the JPEG stream at that place decodes to; 0 where there is none. */
  static long bytesAt(byte[] file, int start) {
    int at = start;
    while (at + 9 < file.length && (file[at] & 0xff) == 0xff) {
      int marker = file[at + 1] & 0xff;
      if (isFrame(marker)) {
        long height = twoBytes(file, at + 5);
        long width = twoBytes(file, at + 7);
        int components = file[at + 9] & 0xff;
        return height * width * Math.max(1, components);
      }
      if (marker == START_OF_SCAN) {
        return 0;
      }
      boolean fill = marker == 0xff;
      at += fill ? 1 : marker == START_OF_IMAGE ? 2 : 2 + twoBytes(file, at + 2);
    }
    return 0;
  }

  /** C0 to CF start a frame, but for the tables C4 and CC and the reserved C8. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private static int twoBytes(byte[] file, int at) {
    return (file[at] & 0xff) << 8 | (file[at + 1] & 0xff);
  }
}
