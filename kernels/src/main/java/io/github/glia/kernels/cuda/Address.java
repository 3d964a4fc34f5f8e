package io.github.glia.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** An address of device memory as JCuda takes it. */
final class Address extends CUdeviceptr {
  private static final CUdeviceptr ZERO = new CUdeviceptr();

  Address() {}

  Address(long value) {
    super(ZERO, value);
  }

  long value() {
    return getNativePointer() + getByteOffset();
  }
}
