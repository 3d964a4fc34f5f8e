package io.github.glia.kernels.conv;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/**
 * Every size of a convolution.
 *
 * @param groups channels are split into this many groups, each convolved on its own
 */
public record Conv2dShape(
    int batch,
    int height,
    int width,
    int inChannels,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  public Conv2dShape {
    Check.atLeast("conv2d", "batch", batch, 1);
    Check.atLeast("conv2d", "height", height, 1);
    Check.atLeast("conv2d", "width", width, 1);
    Check.atLeast("conv2d", "input channels", inChannels, 1);
    Check.atLeast("conv2d", "output channels", outChannels, 1);
    Check.atLeast("conv2d", "kernel height", kernelHeight, 1);
    Check.atLeast("conv2d", "kernel width", kernelWidth, 1);
    Check.atLeast("conv2d", "stride height", strideHeight, 1);
    Check.atLeast("conv2d", "stride width", strideWidth, 1);
    Check.atLeast("conv2d", "padding height", paddingHeight, 0);
    Check.atLeast("conv2d", "padding width", paddingWidth, 0);
    Check.atLeast("conv2d", "dilation height", dilationHeight, 1);
    Check.atLeast("conv2d", "dilation width", dilationWidth, 1);
    Check.atLeast("conv2d", "groups", groups, 1);
    if (inChannels % groups != 0 || outChannels % groups != 0) {
      throw Check.failed(
          "conv2d",
          groups
              + " groups do not divide "
              + inChannels
              + " input and "
              + outChannels
              + " output channels");
    }
    if (outputSize(height, kernelHeight, strideHeight, paddingHeight, dilationHeight) < 1
        || outputSize(width, kernelWidth, strideWidth, paddingWidth, dilationWidth) < 1) {
      throw Check.failed(
          "conv2d",
          "a kernel of "
              + kernelHeight
              + "×"
              + kernelWidth
              + " with dilation "
              + dilationHeight
              + "×"
              + dilationWidth
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

  /** Stride 1, no dilation, no groups, and an output as large as the input for odd kernels. */
  public static Conv2dShape same(
      int batch, int height, int width, int inChannels, int outChannels, int kernel) {
    return new Conv2dShape(
        batch,
        height,
        width,
        inChannels,
        outChannels,
        kernel,
        kernel,
        1,
        1,
        kernel / 2,
        kernel / 2,
        1,
        1,
        1);
  }

  /** The same convolution of other images. */
  public Conv2dShape of(int newBatch, int newHeight, int newWidth) {
    return of(newBatch, newHeight, newWidth, inChannels);
  }

  /** The same convolution of so many input channels. */
  Conv2dShape ofChannels(int channels) {
    return of(batch, height, width, channels);
  }

  private Conv2dShape of(int newBatch, int newHeight, int newWidth, int newInChannels) {
    return new Conv2dShape(
        newBatch,
        newHeight,
        newWidth,
        newInChannels,
        outChannels,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        dilationHeight,
        dilationWidth,
        groups);
  }

  public int outHeight() {
    return (int) outputSize(height, kernelHeight, strideHeight, paddingHeight, dilationHeight);
  }

  public int outWidth() {
    return (int) outputSize(width, kernelWidth, strideWidth, paddingWidth, dilationWidth);
  }

  public int inChannelsPerGroup() {
    return inChannels / groups;
  }

  public int outChannelsPerGroup() {
    return outChannels / groups;
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape input() {
    return Shape.of(batch, height, width, inChannels);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape output() {
    return Shape.of(batch, outHeight(), outWidth(), outChannels);
  }

  /** {@code [output channels, kernel height, kernel width, input channels of a group]}. */
  public Shape weights() {
    return Shape.of(outChannels, kernelHeight, kernelWidth, inChannelsPerGroup());
  }

  public Shape bias() {
    return Shape.of(outChannels);
  }

  /** Multiplications and additions of one direction. */
  public long flops() {
    return 2 * output().count() * kernelHeight * kernelWidth * inChannelsPerGroup();
  }

  private static long outputSize(int size, int kernel, int stride, int padding, int dilation) {
    long reach = (long) dilation * (kernel - 1) + 1;
    long room = size + 2L * padding - reach;
    return room < 0 ? 0 : room / stride + 1;
  }
}
