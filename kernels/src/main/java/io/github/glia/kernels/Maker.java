package io.github.glia.kernels;

import java.util.function.Function;

/**
 * How one kind of device makes a plan: a room has a maker for each kind that it knows.
 *
 * @param kind the class of those devices
 * @param make makes the plan for a device of that class
 */
public record Maker<P extends Plan>(
    Class<? extends Backend> kind, Function<Backend, ? extends P> make) {

  /** Makes a plan for every device of that class. */
  public static <B extends Backend, P extends Plan> Maker<P> on(
      Class<B> kind, Function<B, ? extends P> make) {
    return new Maker<>(kind, backend -> make.apply(kind.cast(backend)));
  }
}
