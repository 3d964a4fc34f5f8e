package io.github.glia.kernels;

/**
 * The release of several things: where one fails, the others are still released, and the first
 * failure is thrown at the end.
 */
public final class Release {
  private Throwable failure;

  public Release of(Runnable releasing) {
    try {
      releasing.run();
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      } else {
        failure.addSuppressed(e);
      }
    }
    return this;
  }

  /** Releases something because of an unchecked failure, which is thrown at the end. */
  public static Release after(Throwable failure) {
    Release release = new Release();
    release.failure = failure;
    return release;
  }

  public void end() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }
}
