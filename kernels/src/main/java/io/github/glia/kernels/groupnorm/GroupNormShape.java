package io.github.glia.kernels.groupnorm;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;

/**
 * Every size of a group normalization.
 *
 * @param groups channels are split into this many groups; as many as channels make instance
 *     normalization, one makes layer normalization of an image
 */
public record GroupNormShape(int batch, int height, int width, int channels, int groups) {
  public GroupNormShape {
    Check.atLeast("groupnorm", "batch", batch, 1);
    Check.atLeast("groupnorm", "height", height, 1);
    Check.atLeast("groupnorm", "width", width, 1);
    Check.atLeast("groupnorm", "channels", channels, 1);
    Check.atLeast("groupnorm", "groups", groups, 1);
    if (channels % groups != 0) {
      throw Check.failed("groupnorm", groups + " groups do not divide " + channels + " channels");
    }
    if ((long) height * width * (channels / groups) == 1) {
      throw Check.failed(
          "groupnorm",
          "an image of 1×1 with as many groups as channels has one value a group, whose variance is"
              + " 0; use fewer groups or a larger image");
    }
  }

  public int channelsPerGroup() {
    return channels / groups;
  }

  /** How many values each mean and variance is of. */
  public long valuesPerGroup() {
    return (long) height * width * channelsPerGroup();
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape image() {
    return Shape.of(batch, height, width, channels);
  }

  /** {@code [channels]}: of scale and shift. */
  public Shape parameters() {
    return Shape.of(channels);
  }

  /** {@code [batch, groups]}: of mean and variance. */
  public Shape statistics() {
    return Shape.of(batch, groups);
  }
}
