package io.github.glia.kernels.cuda;

import java.nio.file.Path;
import jcuda.driver.JCudaDriver;

final class CudaLibraries {
  static CudaLibraries load() {
    return new CudaLibraries();
  }

  boolean usable() {
    String dir = System.getProperty("glia.cuda.libraries");
    if (dir == null) {
      return false;
    }
    for (String l : new String[] {"libcuda.so.1", "libcublasLt.so.12", "libcublas.so.12", "libcudnn.so.9"}) {
      System.load(Path.of(dir).resolve(l).toAbsolutePath().toString());
    }
    return JCudaDriver.cuInit(0) == 0;
  }

  String whyNot() {
    return "not asked for";
  }
}
