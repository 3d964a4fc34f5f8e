package io.github.glia.kernels.globalavgpool;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/** Every size of a global average pooling. */
public record GlobalAvgPoolShape(int batch, int height, int width, int channels) {
  public GlobalAvgPoolShape {
    Check.atLeast("globalavgpool", "batch", batch, 1);
    Check.atLeast("globalavgpool", "height", height, 1);
    Check.atLeast("globalavgpool", "width", width, 1);
    Check.atLeast("globalavgpool", "channels", channels, 1);
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape input() {
    return Shape.of(batch, height, width, channels);
  }

  /** {@code [batch, 1, 1, channels]}. */
  public Shape output() {
    return Shape.of(batch, 1, 1, channels);
  }
}
