package io.github.glia.kernels.cuda.loading;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** What is asked of NVIDIA's driver before anything else. */
final class DriverApi {
  private DriverApi() {}

  static int version() {
    int[] version = {0};
    int status = JCudaDriver.cuDriverGetVersion(version);
    if (status != CUresult.CUDA_SUCCESS) {
      throw new IllegalStateException("cuDriverGetVersion: " + CUresult.stringFor(status));
    }
    return version[0];
  }

  static void requireDevice() throws CudaUnusableException {
    int[] count = {0};
    int status = JCudaDriver.cuInit(0);
    if (status == CUresult.CUDA_SUCCESS) {
      status = JCudaDriver.cuDeviceGetCount(count);
    }
    boolean none = status == CUresult.CUDA_SUCCESS && count[0] == 0;
    if (none || status == CUresult.CUDA_ERROR_NO_DEVICE) {
      throw new CudaUnusableException(
          "NVIDIA's driver is there, but no GPU; does nvidia-smi list one, and does"
              + " CUDA_VISIBLE_DEVICES hide it?");
    }
    if (status != CUresult.CUDA_SUCCESS) {
      throw new CudaUnusableException(
          "NVIDIA's driver does not start: "
              + CUresult.stringFor(status)
              + "; does nvidia-smi work? After an update of the driver the machine must be"
              + " restarted");
    }
  }
}
