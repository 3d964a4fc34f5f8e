package io.github.glia.kernels.pool;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/**
 * Every size of a pooling. Padding is at most half of the window, so that every window has a part
 * of the image; what is left of the image after the last whole window is not pooled.
 */
public record Pool2dShape(
    int batch,
    int height,
    int width,
    int channels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth) {

  public Pool2dShape {
    Check.atLeast("pool2d", "batch", batch, 1);
    Check.atLeast("pool2d", "height", height, 1);
    Check.atLeast("pool2d", "width", width, 1);
    Check.atLeast("pool2d", "channels", channels, 1);
    Check.atLeast("pool2d", "kernel height", kernelHeight, 1);
    Check.atLeast("pool2d", "kernel width", kernelWidth, 1);
    Check.atLeast("pool2d", "stride height", strideHeight, 1);
    Check.atLeast("pool2d", "stride width", strideWidth, 1);
    Check.atLeast("pool2d", "padding height", paddingHeight, 0);
    Check.atLeast("pool2d", "padding width", paddingWidth, 0);
    if (paddingHeight > kernelHeight / 2 || paddingWidth > kernelWidth / 2) {
      throw Check.failed(
          "pool2d",
          "a padding of "
              + paddingHeight
              + "×"
              + paddingWidth
              + " is more than half of the kernel of "
              + kernelHeight
              + "×"
              + kernelWidth);
    }
    if (outputSize(height, kernelHeight, strideHeight, paddingHeight) < 1
        || outputSize(width, kernelWidth, strideWidth, paddingWidth) < 1) {
      throw Check.failed(
          "pool2d",
          "a kernel of "
              + kernelHeight
              + "×"
              + kernelWidth
              + " is larger than the image of "
              + height
              + "×"
              + width
              + " with padding "
              + paddingHeight
              + "×"
              + paddingWidth);
    }
  }

  /** One window as large as the image. */
  public static Pool2dShape wholeImage(int batch, int height, int width, int channels) {
    return new Pool2dShape(batch, height, width, channels, height, width, 1, 1, 0, 0);
  }

  public int outHeight() {
    return (int) outputSize(height, kernelHeight, strideHeight, paddingHeight);
  }

  public int outWidth() {
    return (int) outputSize(width, kernelWidth, strideWidth, paddingWidth);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape input() {
    return Shape.of(batch, height, width, channels);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape output() {
    return Shape.of(batch, outHeight(), outWidth(), channels);
  }

  private static long outputSize(int size, int kernel, int stride, int padding) {
    long room = size + 2L * padding - kernel;
    return room < 0 ? 0 : room / stride + 1;
  }
}
