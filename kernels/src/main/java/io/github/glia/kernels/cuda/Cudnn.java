package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnDataType;

/** cuDNN's words for ours. */
public final class Cudnn {
  /** A factor of cuDNN's and cuBLAS's calls: result = ONE · computed + ZERO · what was there. */
  public static final Pointer ONE = constant(1);

  public static final Pointer ZERO = constant(0);

  private Cudnn() {}

  /** In memory that is not Java's, since a call must not hold up the garbage collector. */
  private static Pointer constant(float value) {
    return Pointer.to(
        ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder()).putFloat(0, value));
  }

  public static int type(DType type) {
    return switch (type) {
      case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
      case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
      case F16 -> cudnnDataType.CUDNN_DATA_HALF;
      case U8, I8 -> throw new IllegalArgumentException("cuDNN is not asked to compute in " + type);
    };
  }
}
