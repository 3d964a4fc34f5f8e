package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URL;
import java.util.Set;
import java.util.TreeSet;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/** The functions of CUDA that the backend calls, read from its classes. */
final class NativeCalls {
  private static final Set<String> LIBRARIES =
      Set.of(JCudaDriver.class.getName(), JCublas2.class.getName(), JCudnn.class.getName());

  /**
   * They run before there is a device, or say what a status means, or cannot fail, or undo what was
   * done before another failure, which is what is told.
   */
  private static final Set<String> EXEMPT =
      Set.of(
          "cuDevicePrimaryCtxRelease",
          "cudnnDestroy",
          "cublasDestroy",
          "cuInit",
          "cuDeviceGetCount",
          "cublasGetProperty",
          "cuGetErrorName",
          "cuGetErrorString",
          "cudnnGetErrorString",
          "cudnnGetVersion",
          "cudnnGetCudartVersion");

  private NativeCalls() {}

  static void assertAllIn(Set<String> failed) {
    URL backend = CudaBackend.class.getProtectionDomain().getCodeSource().getLocation();
    Set<String> forgotten = new TreeSet<>();
    for (JavaClass type : new ClassFileImporter().importUrl(backend)) {
      for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
        if (LIBRARIES.contains(call.getTargetOwner().getName())) {
          forgotten.add(functionOf(call.getName()));
        }
      }
    }
    forgotten.removeAll(EXEMPT);
    forgotten.removeAll(failed);
    assertEquals(Set.of(), forgotten, "functions that never failed in this test");
  }

  /** As the software device counts it: without a suffix for one of several versions. */
  private static String functionOf(String method) {
    if (method.equals("cuGraphInstantiate")) {
      return "cuGraphInstantiateWithFlags"; // which JCuda calls for it
    }
    return method.replaceAll("_new$|_v\\d+$", "");
  }
}
