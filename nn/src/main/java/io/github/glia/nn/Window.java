package io.github.glia.nn;

import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.tensor.Shape;

/**
 * The windows of a pooling: their size, the way from one to the next, and zeros around the image.
 */
public record Window(
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth) {

  /** Squares side by side. */
  public static Window square(int kernel) {
    return new Window(kernel, kernel, kernel, kernel, 0, 0);
  }

  public Window {
    new Pool2dShape(
        1,
        kernelHeight,
        kernelWidth,
        1,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth);
  }

  Pool2dShape over(Shape images) {
    return new Pool2dShape(
        images.size(0),
        images.size(1),
        images.size(2),
        images.size(3),
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth);
  }

  @Override
  public String toString() {
    return kernelHeight + "×" + kernelWidth;
  }
}
