package io.github.glia.kernels.convtranspose;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/**
 * Every size of a transposed convolution.
 *
 * @param outputPaddingHeight rows added to the end of the output: with a stride above 1 a
 *     convolution maps several heights to the same one, and this says which of them comes back
 * @param outputPaddingWidth the same for columns
 */
public record ConvTranspose2dShape(
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
    int outputPaddingHeight,
    int outputPaddingWidth) {

  private static final String OPERATION = "convTranspose2d";

  public ConvTranspose2dShape {
    Check.atLeast(OPERATION, "batch", batch, 1);
    Check.atLeast(OPERATION, "height", height, 1);
    Check.atLeast(OPERATION, "width", width, 1);
    Check.atLeast(OPERATION, "input channels", inChannels, 1);
    Check.atLeast(OPERATION, "output channels", outChannels, 1);
    Check.atLeast(OPERATION, "kernel height", kernelHeight, 1);
    Check.atLeast(OPERATION, "kernel width", kernelWidth, 1);
    Check.atLeast(OPERATION, "stride height", strideHeight, 1);
    Check.atLeast(OPERATION, "stride width", strideWidth, 1);
    Check.atLeast(OPERATION, "padding height", paddingHeight, 0);
    Check.atLeast(OPERATION, "padding width", paddingWidth, 0);
    Check.atLeast(OPERATION, "output padding height", outputPaddingHeight, 0);
    Check.atLeast(OPERATION, "output padding width", outputPaddingWidth, 0);
    if (outputPaddingHeight >= strideHeight || outputPaddingWidth >= strideWidth) {
      throw Check.failed(
          OPERATION,
          "the output padding of "
              + outputPaddingHeight
              + "×"
              + outputPaddingWidth
              + " must be smaller than the stride of "
              + strideHeight
              + "×"
              + strideWidth);
    }
    checkOutput("height", height, kernelHeight, strideHeight, paddingHeight, outputPaddingHeight);
    checkOutput("width", width, kernelWidth, strideWidth, paddingWidth, outputPaddingWidth);
  }

  /** A kernel as large as its stride, without padding: each pixel becomes {@code factor²}. */
  public static ConvTranspose2dShape upscaling(
      int batch, int height, int width, int inChannels, int outChannels, int factor) {
    return new ConvTranspose2dShape(
        batch, height, width, inChannels, outChannels, factor, factor, factor, factor, 0, 0, 0, 0);
  }

  /** The same transposed convolution of other images. */
  public ConvTranspose2dShape of(int newBatch, int newHeight, int newWidth) {
    return new ConvTranspose2dShape(
        newBatch,
        newHeight,
        newWidth,
        inChannels,
        outChannels,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        outputPaddingHeight,
        outputPaddingWidth);
  }

  /** Whether the kernel is as large as its stride and nothing is padded: blocks do not overlap. */
  public boolean isUpscaling() {
    return kernelHeight == strideHeight
        && kernelWidth == strideWidth
        && paddingHeight == 0
        && paddingWidth == 0
        && outputPaddingHeight == 0
        && outputPaddingWidth == 0;
  }

  public int outHeight() {
    return (int) outputSize(height, kernelHeight, strideHeight, paddingHeight, outputPaddingHeight);
  }

  public int outWidth() {
    return (int) outputSize(width, kernelWidth, strideWidth, paddingWidth, outputPaddingWidth);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape input() {
    return Shape.of(batch, height, width, inChannels);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape output() {
    return Shape.of(batch, outHeight(), outWidth(), outChannels);
  }

  /** {@code [input channels, kernel height, kernel width, output channels]}. */
  public Shape weights() {
    return Shape.of(inChannels, kernelHeight, kernelWidth, outChannels);
  }

  public Shape bias() {
    return Shape.of(outChannels);
  }

  /** Multiplications and additions of one direction. */
  public long flops() {
    return 2 * input().count() * kernelHeight * kernelWidth * outChannels;
  }

  private static void checkOutput(
      String side, int size, int kernel, int stride, int padding, int outputPadding) {
    long outSize = outputSize(size, kernel, stride, padding, outputPadding);
    if (outSize < 1 || outSize > Integer.MAX_VALUE) {
      throw Check.failed(
          OPERATION,
          String.format(
              "a %s of %d with a kernel of %d, stride %d, padding %d and output padding %d"
                  + " gives an output %s of %d",
              side, size, kernel, stride, padding, outputPadding, side, outSize));
    }
  }

  private static long outputSize(int size, int kernel, int stride, int padding, int outputPadding) {
    return (size - 1L) * stride - 2L * padding + kernel + outputPadding;
  }
}
