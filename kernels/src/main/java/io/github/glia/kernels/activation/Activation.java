package io.github.glia.kernels.activation;

import io.github.glia.kernels.Check;

/**
 * An activation function.
 *
 * @param slope what a leaky ReLU multiplies negative numbers with; 0 for the others
 */
public record Activation(Kind kind, float slope) {
  /** The functions there are. */
  public enum Kind {
    RELU,
    LEAKY_RELU,
    SIGMOID
  }

  public static final Activation RELU = new Activation(Kind.RELU, 0);
  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0);

  public Activation {
    if (kind == null) {
      throw Check.failed("activation", "kind is null");
    }
    if (kind == Kind.LEAKY_RELU) {
      if (!(slope > 0 && slope < Float.POSITIVE_INFINITY)) {
        throw Check.failed(
            "activation",
            "the slope of a leaky ReLU must be finite and above 0, since its backward reads the"
                + " sign of x from y, but is "
                + slope);
      }
    } else if (slope != 0) {
      throw Check.failed("activation", kind + " has no slope, but slope is " + slope);
    }
  }

  public static Activation leakyRelu(float slope) {
    return new Activation(Kind.LEAKY_RELU, slope);
  }
}
