package io.github.glia.kernels.cuda.loading;

/** Finds the line that is worth showing in what the loading of a library throws. */
final class Reasons {
  private static final String LINK_ERROR = "java.lang.UnsatisfiedLinkError: ";

  private Reasons() {}

  /**
   * JCuda puts the stack traces of two attempts into one message: to load its library by Java's
   * path, which always fails, and from its folder, which says why. A class that fails to initialize
   * says nothing itself; its cause does.
   */
  static String of(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String message = first.getMessage();
    if (message == null) {
      return first.toString();
    }
    int last = message.lastIndexOf(LINK_ERROR);
    String reason = last < 0 ? message : message.substring(last + LINK_ERROR.length());
    return reason.lines().findFirst().orElse(first.toString()).strip();
  }
}
