package io.github.glia.kernels.cuda.loading;

import java.util.List;

/**
 * NVIDIA's driver, cuBLAS and cuDNN, loaded into this process by the paths where they were found;
 * no environment variable needs to be set.
 *
 * <p>JCuda's classes load their native halves when they are first used, and succeed if what those
 * need is loaded already. So nothing may use JCuda before {@link #load}.
 *
 * <p>They are searched in this order: the folders of the property {@code glia.cuda.libraries} (the
 * driver too), {@code CUDA_HOME} and {@code CUDA_PATH}, the jar {@code org.bytedeco:cuda} with the
 * classifier {@code linux-x86_64-redist}, {@code LD_LIBRARY_PATH}, {@code /usr/local/cuda*}, the
 * system's folders, Python's environments. On Windows, where this was never run, JCuda finds CUDA
 * 12 by {@code PATH}.
 */
public final class CudaLibraries {
  private final String whyNot;
  private final List<Found> found;

  CudaLibraries(String whyNot, List<Found> found) {
    this.whyNot = whyNot;
    this.found = List.copyOf(found);
  }

  private static final class Once {
    static final CudaLibraries LOADED = Loading.run();
  }

  /** Loads at the first call, and says the same ever after. Does not throw. */
  public static CudaLibraries load() {
    return Once.LOADED;
  }

  /** Whether all that is needed is loaded, and there is a device. */
  public boolean usable() {
    return whyNot.isEmpty();
  }

  /** Why not, and what to do about it, in one line; "" where it is usable. */
  public String whyNot() {
    return whyNot;
  }

  /** The libraries that are used, and those that are missing. */
  public List<Found> found() {
    return found;
  }
}
