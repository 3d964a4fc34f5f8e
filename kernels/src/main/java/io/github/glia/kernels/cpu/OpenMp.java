package io.github.glia.kernels.cpu;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/**
 * The number of threads on which OpenMP runs what the calling thread asks of oneDNN. OpenMP keeps
 * one for each thread, and neither oneDNN nor its binding can set it.
 */
final class OpenMp {
  /** What lies beside oneDNN's library on one platform or another. */
  private static final List<String> LIBRARIES =
      List.of("libgomp.so.1", "libomp.dylib", "libiomp5.dylib");

  /** Rounds of looking for work before a thread sleeps, instead of 300,000. */
  private static final String ROUNDS = "1000";

  private static final System.Logger LOG = System.getLogger(OpenMp.class.getName());

  private OpenMp() {}

  /**
   * To be called before oneDNN is loaded: libgomp asks the environment then. Its threads spin while
   * they wait, and keep the cores from the {@link Lanes} and from whatever else runs.
   */
  static void spinBriefly() {
    Map<String, String> chosen = System.getenv();
    if (!Platform.isLinux()
        || chosen.containsKey("OMP_WAIT_POLICY")
        || chosen.containsKey("GOMP_SPINCOUNT")) {
      return;
    }
    try {
      NativeLibrary.getInstance("c")
          .getFunction("setenv")
          .invokeInt(new Object[] {"GOMP_SPINCOUNT", ROUNDS, 0});
    } catch (LinkageError e) {
      LOG.log(Level.WARNING, "OpenMP will spin: set GOMP_SPINCOUNT=1000 before Java starts", e);
    }
  }

  /** Whether there is a library that can be asked. */
  static boolean isReachable() {
    return Functions.REGISTERED;
  }

  static int threads() {
    return Functions.omp_get_max_threads();
  }

  static void useThreads(int threads) {
    Functions.omp_set_num_threads(threads);
  }

  /** What lies beside oneDNN's library, on which it was linked. */
  private static final class Functions {
    static final boolean REGISTERED = register();

    private Functions() {}

    static native int omp_get_max_threads();

    static native void omp_set_num_threads(int threads);

    private static boolean register() {
      Path binding = Path.of(Loader.load(dnnl.class));
      Optional<Path> library =
          LIBRARIES.stream().map(binding::resolveSibling).filter(Files::exists).findFirst();
      try {
        library.ifPresent(
            path -> Native.register(Functions.class, NativeLibrary.getInstance(path.toString())));
        return library.isPresent();
      } catch (LinkageError e) {
        LOG.log(Level.WARNING, "oneDNN's OpenMP cannot be reached: steps take longer", e);
        return false;
      }
    }
  }
}
