package io.github.glia.kernels.cuda;

/** A product of tensors that the library may have to be given in copies: see {@link Operand}. */
public final class StagedProduct {
  private final CudaBackend cuda;
  private final Operand first;
  private final Operand second;
  private final Operand result;

  public StagedProduct(CudaBackend cuda, Operand first, Operand second, Operand result) {
    this.cuda = cuda;
    this.first = first;
    this.second = second;
    this.result = result;
  }

  /** Computes on the addresses of tensors. For callers that hold the device's lock. */
  public void run(Product product, long ofFirst, long ofSecond, long ofResult) {
    run(product, ofFirst, ofSecond, ofResult, null, 0);
  }

  /**
   * The same, and then a bias on what the library has written.
   *
   * @param bias null where there is neither bias nor ReLU
   * @param b its values, or 0
   */
  public void run(
      Product product, long ofFirst, long ofSecond, long ofResult, ColumnBias bias, long b) {
    long firstBytes = first.bytes(ofFirst);
    long secondBytes = second.bytes(ofSecond);
    long resultBytes = result.bytes(ofResult);
    long forFirst = cuda.workspace(firstBytes + secondBytes + resultBytes + product.workspace());
    long forSecond = forFirst + firstBytes;
    long forResult = forSecond + secondBytes;
    long written = result.writable(ofResult, forResult);
    product.run(
        first.readable(ofFirst, forFirst),
        second.readable(ofSecond, forSecond),
        written,
        forResult + resultBytes);
    if (bias != null) {
      bias.run(written, b);
    }
    result.written(ofResult, forResult);
  }
}
