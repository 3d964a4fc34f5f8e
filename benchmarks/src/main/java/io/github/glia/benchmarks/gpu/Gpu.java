package io.github.glia.benchmarks.gpu;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.cuda.CudaBackend;
import io.github.glia.tensor.Device;

/** A GPU, for what no other device is asked. */
final class Gpu {
  private Gpu() {}

  static CudaBackend of(Device device) {
    if (Backend.of(device) instanceof CudaBackend cuda) {
      return cuda;
    }
    throw new IllegalArgumentException(device + " is no GPU, and this measures one: name a GPU");
  }
}
