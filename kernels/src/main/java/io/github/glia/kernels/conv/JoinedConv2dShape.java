package io.github.glia.kernels.conv;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.concat.ConcatShape;
import io.github.glia.tensor.Shape;
import java.util.List;

/**
 * Every size of a convolution of two images.
 *
 * @param whole the convolution of both images as one; it has no groups
 * @param firstChannels those of the first image, a; the others are of the second, b
 */
public record JoinedConv2dShape(Conv2dShape whole, int firstChannels) {
  public JoinedConv2dShape {
    if (whole.groups() != 1) {
      throw Check.failed(
          "joined conv2d",
          "images are joined where there is one group, but there are "
              + whole.groups()
              + "; concatenate them and convolve the result");
    }
    Check.atLeast("joined conv2d", "channels of a", firstChannels, 1);
    Check.atLeast("joined conv2d", "channels of b", whole.inChannels() - firstChannels, 1);
  }

  public int secondChannels() {
    return whole.inChannels() - firstChannels;
  }

  /** The images, before they are joined. */
  ConcatShape images() {
    List<Integer> channels = List.of(firstChannels, secondChannels());
    return new ConcatShape(whole.batch(), whole.height(), whole.width(), channels);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape a() {
    return images().input(0);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape b() {
    return images().input(1);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape output() {
    return whole.output();
  }

  /** {@code [output channels, kernel height, kernel width, channels of both images]}. */
  public Shape weights() {
    return whole.weights();
  }

  public Shape bias() {
    return whole.bias();
  }
}
