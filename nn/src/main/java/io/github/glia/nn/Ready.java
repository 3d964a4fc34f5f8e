package io.github.glia.nn;

import io.github.glia.kernels.Backend;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * What a layer made ready for the input that it met last: a plan, the shape of the output. Steps of
 * one shape make no key and look nothing up; another input makes another one.
 *
 * @param <T> what is made
 */
final class Ready<T> {
  /** Makes it for an input, of which only shape, type and device count. */
  interface Maker<T> {
    T make(Tensor x);
  }

  /** A plan and the shape of what it computes. */
  record Planned<P>(P plan, Shape output) {}

  private record Made<T>(Shape shape, DType type, Device device, long releases, T value) {
    boolean fits(Tensor x) {
      return x.shape().equals(shape)
          && x.dtype() == type
          && x.device() == device
          && Backend.of(device).releases() == releases;
    }
  }

  private final Maker<T> maker;
  private volatile Made<T> last;

  Ready(Maker<T> maker) {
    this.maker = maker;
  }

  T of(Tensor x) {
    Made<T> made = last;
    if (made == null || !made.fits(x)) {
      long releases = Backend.of(x.device()).releases();
      made = new Made<>(x.shape(), x.dtype(), x.device(), releases, maker.make(x));
      last = made;
    }
    return made.value;
  }
}
