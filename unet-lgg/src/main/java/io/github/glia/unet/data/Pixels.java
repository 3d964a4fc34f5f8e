package io.github.glia.unet.data;

/**
 * An image as it was measured.
 *
 * @param values {@code [height, width, channels]}
 * @param white the value that plain normalisation takes to 1; NaN where the format knows none
 */
@SuppressWarnings("ArrayRecordComponent") // pixels on their way, never compared
record Pixels(int height, int width, int channels, float[] values, float white) {

  /** For messages: "256×256×3". */
  String size() {
    return width + "×" + height + "×" + channels;
  }
}
