package io.github.glia.kernels.cuda;

/** What a vendor's library computes of two operands: a product of matrices, or a convolution. */
public interface Product {
  /** Bytes of workspace that it needs. */
  long workspace();

  /** Computes on addresses. For callers that hold the device's lock. */
  void run(long first, long second, long result, long scratch);

  /** What the library chose. */
  String implementation();
}
