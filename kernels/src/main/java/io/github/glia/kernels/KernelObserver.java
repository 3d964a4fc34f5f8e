package io.github.glia.kernels;

/** Is told of every kernel that ran: for profiles. */
public interface KernelObserver {
  /** The implementation of kernels that no vendor's library computes. */
  String PLAIN_JAVA = "plain Java";

  /**
   * A kernel has ended.
   *
   * @param kernel operation, shape and direction
   * @param implementation what computed it: the vendor's name, or {@link #PLAIN_JAVA}
   */
  void ran(String kernel, String implementation, long nanoseconds);
}
