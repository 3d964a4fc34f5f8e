package io.github.glia.kernels.upsample;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/**
 * Every size of an upsampling.
 *
 * @param scaleHeight the output is this many times as high as the input
 * @param scaleWidth the output is this many times as wide as the input
 */
public record UpsampleShape(
    int batch, int height, int width, int channels, int scaleHeight, int scaleWidth) {
  public UpsampleShape {
    Check.atLeast("upsample", "batch", batch, 1);
    Check.atLeast("upsample", "height", height, 1);
    Check.atLeast("upsample", "width", width, 1);
    Check.atLeast("upsample", "channels", channels, 1);
    Check.atLeast("upsample", "scale height", scaleHeight, 1);
    Check.atLeast("upsample", "scale width", scaleWidth, 1);
    if ((long) height * scaleHeight > Integer.MAX_VALUE
        || (long) width * scaleWidth > Integer.MAX_VALUE) {
      throw Check.failed(
          "upsample",
          "an image of "
              + height
              + "×"
              + width
              + " is too large for a scale of "
              + scaleHeight
              + "×"
              + scaleWidth);
    }
  }

  public int outHeight() {
    return height * scaleHeight;
  }

  public int outWidth() {
    return width * scaleWidth;
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape input() {
    return Shape.of(batch, height, width, channels);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape output() {
    return Shape.of(batch, outHeight(), outWidth(), channels);
  }
}
