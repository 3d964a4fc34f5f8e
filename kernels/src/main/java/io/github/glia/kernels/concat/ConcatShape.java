package io.github.glia.kernels.concat;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;
import java.util.List;

/**
 * Every size of a concatenation.
 *
 * @param channels of each input, in their order
 */
public record ConcatShape(int batch, int height, int width, List<Integer> channels) {
  public ConcatShape {
    Check.atLeast("concat", "batch", batch, 1);
    Check.atLeast("concat", "height", height, 1);
    Check.atLeast("concat", "width", width, 1);
    channels = List.copyOf(channels);
    Check.atLeast("concat", "number of inputs", channels.size(), 1);
    long sum = 0;
    for (int c : channels) {
      Check.atLeast("concat", "channels", c, 1);
      sum += c;
    }
    if (sum > Integer.MAX_VALUE) {
      throw Check.failed("concat", "the channels of the inputs add up to " + sum);
    }
  }

  /** The number of inputs. */
  public int inputs() {
    return channels.size();
  }

  /** {@code [batch, height, width, channels]}. */
  public Shape input(int i) {
    return Shape.of(batch, height, width, channels.get(i));
  }

  /** {@code [batch, height, width, channels of all inputs]}. */
  public Shape output() {
    int sum = 0;
    for (int i = 0; i < channels.size(); i++) {
      sum += channels.get(i);
    }
    return Shape.of(batch, height, width, sum);
  }
}
