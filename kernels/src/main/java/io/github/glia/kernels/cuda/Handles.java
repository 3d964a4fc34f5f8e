package io.github.glia.kernels.cuda;

import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/** The handles of cuDNN and cuBLAS on the stream of a device, each made when first asked for. */
final class Handles {
  private final CudaBackend cuda;
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
      int status = JCublas2.cublasSetStream(made, new cudaStream_t(cuda.stream()));
      if (status == 0) {
        // else parts of a sum of 16-bit products may be added up in 16 bits
        status =
            JCublas2.cublasSetMathMode(
                made, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION);
      }
      if (status != 0) {
        JCublas2.cublasDestroy(made);
        cuda.checkCublas(status, "set the stream and the arithmetic");
      }
      cublas = made;
    }
    return cublas;
  }
}
