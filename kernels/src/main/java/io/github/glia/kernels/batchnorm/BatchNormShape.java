package io.github.glia.kernels.batchnorm;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/** Every size of a batch normalization. */
public record BatchNormShape(int batch, int height, int width, int channels) {
  public BatchNormShape {
    Check.atLeast("batchnorm", "batch", batch, 1);
    Check.atLeast("batchnorm", "height", height, 1);
    Check.atLeast("batchnorm", "width", width, 1);
    Check.atLeast("batchnorm", "channels", channels, 1);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape image() {
    return Shape.of(batch, height, width, channels);
  }

  /** {@code [channels]}: of scale, shift, mean and variance. */
  public Shape parameters() {
    return Shape.of(channels);
  }

  /** How many values each mean and variance is of. */
  public long valuesPerChannel() {
    return (long) batch * height * width;
  }
}
