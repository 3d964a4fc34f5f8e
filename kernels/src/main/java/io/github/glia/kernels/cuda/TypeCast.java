package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.util.Locale;

/** Copies elements in another type, or in the same: {@code cast.cu}. */
public final class TypeCast {
  private final CudaBackend cuda;
  private final Kernel kernel;

  public TypeCast(CudaBackend cuda, DType from, DType to) {
    this.cuda = cuda;
    kernel =
        cuda.kernel(
            "cast", "cast_" + from.name().toLowerCase(Locale.ROOT) + CudaBackend.suffix(to));
  }

  /** For callers that hold the device's lock. */
  public void run(long from, long to, long count) {
    kernel
        .pointer(from)
        .pointer(to)
        .whole(count)
        .launch(cuda.blocks((count + 3) / 4), CudaBackend.THREADS);
  }
}
