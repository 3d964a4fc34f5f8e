package io.github.glia.kernels.cuda;

import io.github.glia.kernels.Release;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/**
 * The handles of cuDNN and cuBLAS on the stream of a device, each made when first asked for.
 *
 * <p>cuBLAS is given its workspace. Else it would allocate one in each recording, as part of the
 * graph.
 */
final class Handles {
  /** What NVIDIA recommends for its largest GPUs. */
  private static final long CUBLAS_WORKSPACE = 32L << 20;

  private final CudaBackend cuda;
  private long cublasWorkspace;
  private cudnnHandle cudnn;
  private cublasHandle cublas;

  Handles(CudaBackend cuda) {
    this.cuda = cuda;
  }

  cudnnHandle cudnn() {
    if (cudnn == null) {
      cudnnHandle made = new cudnnHandle();
      cuda.checkCudnn(JCudnn.cudnnCreate(made), "create a handle");
      int status = JCudnn.cudnnSetStream(made, new cudaStream_t(cuda.stream()));
      if (status != 0) {
        JCudnn.cudnnDestroy(made);
        cuda.checkCudnn(status, "set the stream");
      }
      cudnn = made;
    }
    return cudnn;
  }

  cublasHandle cublas() {
    if (cublas == null) {
      cublasHandle made = new cublasHandle();
      cuda.checkCublas(JCublas2.cublasCreate(made), "create a handle");
      try {
        prepare(made);
      } catch (RuntimeException e) {
        JCublas2.cublasDestroy(made);
        throw e;
      }
      cublas = made;
    }
    return cublas;
  }

  private void prepare(cublasHandle made) {
    cuda.checkCublas(
        JCublas2.cublasSetStream(made, new cudaStream_t(cuda.stream())), "set the stream");
    // else parts of a sum of 16-bit products may be added up in 16 bits
    cuda.checkCublas(
        JCublas2.cublasSetMathMode(
            made, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
        "set the arithmetic");
    long memory = cuda.allocateOwn(CUBLAS_WORKSPACE);
    int status = JCublas2.cublasSetWorkspace(made, new Address(memory), CUBLAS_WORKSPACE);
    if (status != 0) {
      cuda.free(memory);
      cuda.checkCublas(status, "set the workspace");
    }
    cublasWorkspace = memory;
  }

  /** Gives back what cuBLAS has; it is made anew when it is asked for. */
  void releaseCublas() {
    if (cublas != null) {
      cublasHandle released = cublas;
      cublas = null;
      new Release()
          .of(() -> cuda.checkCublas(JCublas2.cublasDestroy(released), "destroy a handle"))
          .of(() -> cuda.free(cublasWorkspace))
          .end();
    }
  }
}
