package io.github.glia.kernels.cuda.loading;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.jcublas.JCublas2;
import jcuda.libraryPropertyType;

/** What versions the libraries say they are, and which of them do. */
final class Versions {
  private static final int OLDEST_DRIVER = 12000;
  private static final int OLDEST_CUDNN = 90000;
  private static final Pattern IN_FILE_NAME = Pattern.compile("\\.so\\.(\\d+\\..+)");

  private Versions() {}

  /** 12.4, which CUDA writes as 12040. */
  static String cuda(long version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  /** 9.5.1, which cuDNN writes as 90501, and 8.9.7, which it wrote as 8907. */
  static String cudnn(long version) {
    long major = version < 10000 ? 1000 : 10000;
    return version / major + "." + version % major / 100 + "." + version % 100;
  }

  /** The version of the cuBLAS that is loaded; null if it does not say. */
  static String cublas() {
    int[] major = {0};
    int[] minor = {0};
    int[] patch = {0};
    boolean said =
        JCublas2.cublasGetProperty(libraryPropertyType.MAJOR_VERSION, major) == 0
            && JCublas2.cublasGetProperty(libraryPropertyType.MINOR_VERSION, minor) == 0
            && JCublas2.cublasGetProperty(libraryPropertyType.PATCH_LEVEL, patch) == 0;
    return said ? major[0] + "." + minor[0] + "." + patch[0] : null;
  }

  /** The version that the name of a library's file ends in; null if it is short. */
  static String ofFile(Path file) {
    Matcher matcher = IN_FILE_NAME.matcher(file.getFileName().toString());
    return matcher.find() ? matcher.group(1) : null;
  }

  static void checkDriver(int version) throws CudaUnusableException {
    if (version < OLDEST_DRIVER) {
      throw new CudaUnusableException(
          "NVIDIA's driver is too old: it is for CUDA "
              + cuda(version)
              + ", and CUDA 12.0 is needed; update it to 525 or newer");
    }
  }

  /**
   * Checks the cuDNN that is loaded.
   *
   * @param version what {@code cudnnGetVersion} says
   * @param builtFor what {@code cudnnGetCudartVersion} says
   * @param cuda the version of cuBLAS, 12 or 13
   */
  static void checkCudnn(long version, long builtFor, int cuda) throws CudaUnusableException {
    if (version < OLDEST_CUDNN) {
      throw new CudaUnusableException(
          "cuDNN is too old: it is " + cudnn(version) + ", and 9 is needed; install cuDNN 9");
    }
    if (builtFor / 1000 != cuda) {
      throw new CudaUnusableException(
          "the versions of CUDA's libraries are mixed: cuDNN "
              + cudnn(version)
              + " was built for CUDA "
              + cuda(builtFor)
              + ", and cuBLAS is of CUDA "
              + cuda
              + "; install both for one version of CUDA, or name the folders that fit by -D"
              + SearchPath.PROPERTY
              + "=FOLDER");
    }
  }
}
