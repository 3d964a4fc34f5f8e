package io.github.glia.unet.train;

/** The loss became infinite, NaN, or far larger than before; the message says where. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DivergedException(String message) {
    super(message);
  }
}
