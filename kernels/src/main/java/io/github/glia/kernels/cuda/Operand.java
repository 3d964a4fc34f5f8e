package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;

/**
 * A tensor that a vendor's library computes with. Where it is in another type than the library
 * computes in, or begins at an address that is no multiple of 16 as a slice may, the library gets a
 * copy in the workspace instead: documents promise nothing for other addresses.
 *
 * <pre>
 *   long scratch = cuda.workspace(x.bytes(address) + …);
 *   library.reads(x.readable(address, scratch));
 *   library.writes(y.writable(address, scratch));
 *   y.written(address, scratch);
 * </pre>
 */
public final class Operand {
  private static final long ALIGNMENT = 16;

  private final DType type;
  private final DType computed;
  private final long count;
  private final TypeCast in;
  private final TypeCast out;

  /**
   * @param type of the tensor
   * @param computed the type that the library computes in
   */
  public Operand(CudaBackend cuda, DType type, DType computed, long count) {
    this.type = type;
    this.computed = computed;
    this.count = count;
    in = new TypeCast(cuda, type, computed);
    out = new TypeCast(cuda, computed, type);
  }

  /** What a copy takes of the workspace: 0 where there is none. */
  public long bytes(long address) {
    return isCopied(address) ? Workspace.aligned(count * computed.bytes()) : 0;
  }

  /** Where the library finds the elements. */
  public long readable(long address, long scratch) {
    if (!isCopied(address)) {
      return address;
    }
    in.run(address, scratch, count);
    return scratch;
  }

  /** Where the library puts the elements; {@link #written} follows. */
  public long writable(long address, long scratch) {
    return isCopied(address) ? scratch : address;
  }

  public void written(long address, long scratch) {
    if (isCopied(address)) {
      out.run(scratch, address, count);
    }
  }

  private boolean isCopied(long address) {
    return type != computed || address % ALIGNMENT != 0;
  }
}
