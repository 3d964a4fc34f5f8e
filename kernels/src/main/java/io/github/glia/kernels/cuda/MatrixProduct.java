package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasOperation;

/**
 * A product of matrices in rows by cuBLAS, with sums in F32:
 *
 * <pre>  c = op(a) · op(b)     c [m, n],  op(a) [m, k],  op(b) [k, n]</pre>
 *
 * where op may transpose. cuBLAS reads matrices by columns, which is the transposed of one in rows:
 * so it is asked for cᵀ = op(b)ᵀ · op(a)ᵀ.
 */
public final class MatrixProduct implements Product {
  private final CudaBackend cuda;
  private final String name;
  private final int operandType;
  private final int resultType;
  private final int compute;
  private final String implementation;
  private final int m;
  private final int n;
  private final int k;
  private final boolean transposedA;
  private final boolean transposedB;

  /**
   * @param name the operation and its shapes, for errors
   * @param operands type of a and b
   * @param transposedA whether a lies in memory as [k, m]
   * @param transposedB whether b lies in memory as [n, k]
   */
  public MatrixProduct(
      CudaBackend cuda,
      String name,
      DType operands,
      DType result,
      long m,
      long n,
      long k,
      boolean transposedA,
      boolean transposedB) {
    this.cuda = cuda;
    this.name = name;
    operandType = type(operands);
    resultType = type(result);
    boolean tf32 = operands == DType.F32 && cuda.allowsTf32();
    compute =
        tf32
            ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
            : cublasComputeType.CUBLAS_COMPUTE_32F;
    implementation = "cublasGemmEx" + (tf32 ? " in TF32" : "");
    this.m = size(m);
    this.n = size(n);
    this.k = size(k);
    this.transposedA = transposedA;
    this.transposedB = transposedB;
  }

  private int size(long size) {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          name
              + ": cuBLAS multiplies matrices of less than 2³¹ rows, not "
              + size
              + "; use a smaller batch");
    }
    return (int) size;
  }

  @Override
  public String implementation() {
    return implementation;
  }

  /** cuBLAS has a workspace of its own. */
  @Override
  public long workspace() {
    return 0;
  }

  @Override
  public void run(long a, long b, long c, long scratch) {
    cuda.checkCublas(
        JCublas2.cublasGemmEx_new(
            cuda.cublas(),
            operation(transposedB),
            operation(transposedA),
            n,
            m,
            k,
            Cudnn.ONE,
            cuda.at(b),
            operandType,
            transposedB ? k : n,
            cuda.at(a),
            operandType,
            transposedA ? m : k,
            Cudnn.ZERO,
            cuda.at(c),
            resultType,
            n,
            compute,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
        name);
  }

  private static int operation(boolean transposed) {
    return transposed ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static int type(DType type) {
    return switch (type) {
      case F32 -> cudaDataType.CUDA_R_32F;
      case BF16 -> cudaDataType.CUDA_R_16BF;
      case F16 -> cudaDataType.CUDA_R_16F;
      case U8, I8 ->
          throw new IllegalArgumentException("matrices of " + type + " are not multiplied here");
    };
  }
}
