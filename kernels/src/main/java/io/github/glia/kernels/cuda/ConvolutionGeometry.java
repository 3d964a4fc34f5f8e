package io.github.glia.kernels.cuda;

import io.github.glia.tensor.Shape;

/**
 * Every size of a convolution of cuDNN's.
 *
 * @param x {@code [batch, height, width, channels]}
 * @param w {@code [output channels, kernel height, kernel width, input channels of a group]}
 * @param y {@code [batch, height, width, channels]}
 */
public record ConvolutionGeometry(
    Shape x,
    Shape w,
    Shape y,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  @Override
  public String toString() {
    return String.format(
        "x %s w %s y %s stride %d×%d padding %d×%d dilation %d×%d groups %d",
        x,
        w,
        y,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        dilationHeight,
        dilationWidth,
        groups);
  }
}
