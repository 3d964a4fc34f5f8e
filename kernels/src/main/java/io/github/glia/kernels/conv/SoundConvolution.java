package io.github.glia.kernels.conv;

import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.convolution_forward;

/**
 * Passes over implementations of oneDNN 3.11 that crash, or compute something else than the
 * convolution. They were found by many thousand random convolutions on a CPU with Intel's
 * instructions for matrices; what networks are usually made of is not among them.
 */
final class SoundConvolution {
  /** Products of small matrices: what oneDNN likes best for nearly every convolution. */
  private static final String PRODUCTS = "brg_conv_fwd";

  /** The same with Intel's instructions for matrices. */
  private static final String IN_TILES = "_amx";

  private SoundConvolution() {}

  static convolution_forward.primitive_desc of(
      ConvolvedRows rows, DType input, convolution_forward.primitive_desc description) {
    while (isWrong(rows, input, description.impl_info_str().getString())) {
      if (!description.next_impl()) {
        throw new IllegalStateException("oneDNN has no other implementation");
      }
    }
    return description;
  }

  private static boolean isWrong(ConvolvedRows rows, DType input, String implementation) {
    return implementation.startsWith(PRODUCTS)
        && (productsAreWrong(rows, input)
            || (implementation.endsWith(IN_TILES) && tilesAreWrong(rows)));
  }

  private static boolean productsAreWrong(ConvolvedRows rows, DType input) {
    Conv2dShape s = rows.shape();
    boolean readsNothing = !rows.readAnyPixel(); // calls a product that was not made
    boolean oneColumn = s.outWidth() == 1 && s.strideWidth() > 1; // reads columns beside it
    boolean oneChannel = s.inChannelsPerGroup() == 1; // takes another zero beside the image
    return readsNothing || oneColumn || (oneChannel && input == DType.I8);
  }

  private static boolean tilesAreWrong(ConvolvedRows rows) {
    Conv2dShape s = rows.shape();
    boolean leapsOverRows = s.strideHeight() > s.kernelHeight(); // writes beyond its memory
    return leapsOverRows || rows.hasWideKernel(); // of few channels: another sum
  }
}
