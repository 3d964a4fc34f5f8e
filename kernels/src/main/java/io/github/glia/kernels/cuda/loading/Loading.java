package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/** The steps of loading, each of which may find that CUDA cannot be used. */
final class Loading {
  private static final String DRIVER = "libcuda.so.1";
  private static final String NO_DRIVER =
      "NVIDIA's driver ("
          + DRIVER
          + ") was not found; install it, 525 or newer, or start the container with --gpus all";

  private final Map<String, Found> found = new LinkedHashMap<>();

  private Loading() {}

  static CudaLibraries run() {
    Loading loading = new Loading();
    String whyNot = "";
    try {
      loading.load();
    } catch (CudaUnusableException e) {
      whyNot = e.getMessage();
    } catch (IOException e) {
      whyNot = "CUDA's libraries do not load: " + e.getMessage();
    } catch (RuntimeException | LinkageError e) {
      whyNot = "CUDA's libraries do not load: " + Reasons.of(e);
    }
    return new CudaLibraries(whyNot, List.copyOf(loading.found.values()));
  }

  private void load() throws CudaUnusableException, IOException {
    String system = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    boolean windows = system.toLowerCase(Locale.ROOT).startsWith("windows");
    if (!processor.matches("amd64|x86_64") || !(windows || system.equals("Linux"))) {
      throw new CudaUnusableException(
          "CUDA needs Linux or Windows on x86-64, and this is " + system + " on " + processor);
    }
    if (windows) {
      loadByWindows();
    } else {
      loadByPath();
    }
  }

  /** JCuda's own way: by {@code PATH}. Never run. */
  private void loadByWindows() throws CudaUnusableException, IOException {
    String how = "by Windows";
    initialize("NVIDIA's driver (nvcuda.dll) does not load", DriverApi::version);
    int driver = DriverApi.version();
    found.put("nvcuda.dll", new Found("nvcuda.dll", null, "CUDA " + Versions.cuda(driver), how));
    Versions.checkDriver(driver);
    DriverApi.requireDevice();
    initialize(
        "cuBLAS 12 (cublas64_12.dll, to be in a folder of PATH) does not load",
        JCublas2::initialize);
    found.put("cublas64_12.dll", new Found("cublas64_12.dll", null, Versions.cublas(), how));
    initialize(
        "cuDNN 9 (cudnn64_9.dll, to be in a folder of PATH) does not load", JCudnn::initialize);
    long cudnn = JCudnn.cudnnGetVersion();
    found.put("cudnn64_9.dll", new Found("cudnn64_9.dll", null, Versions.cudnn(cudnn), how));
    Versions.checkCudnn(cudnn, JCudnn.cudnnGetCudartVersion(), 12);
  }

  private void loadByPath() throws CudaUnusableException, IOException {
    SearchPath.Machine machine = SearchPath.Machine.here();
    Path cache = CacheFolder.usual(machine.environment(), machine.home());
    SearchPath path =
        SearchPath.of(machine, Redistributable.of(Loading.class.getClassLoader(), cache));
    try (JcudaNatives natives = JcudaNatives.in(CacheFolder.openOrTemporary(cache))) {
      Selection selection = Selection.of(path, loadDriver(path, natives));
      list(selection);
      if (!selection.whyNot().isEmpty()) {
        throw new CudaUnusableException(selection.whyNot());
      }
      preload(selection);
      initializeLibraries(selection, natives);
    }
  }

  /** What else there is is listed also where there is no driver. */
  private int loadDriver(SearchPath path, JcudaNatives natives)
      throws CudaUnusableException, IOException {
    try {
      preloadDriver(path);
      initializeDriver(natives);
      int version = DriverApi.version();
      Found driver = found.get(DRIVER);
      String how = driver.missing() ? "by the dynamic loader" : driver.how();
      found.put(DRIVER, new Found(DRIVER, driver.file(), "CUDA " + Versions.cuda(version), how));
      Versions.checkDriver(version);
      DriverApi.requireDevice();
      return version;
    } catch (CudaUnusableException e) {
      list(Selection.of(path, Integer.MAX_VALUE));
      throw e;
    }
  }

  private void initializeDriver(JcudaNatives natives) throws CudaUnusableException, IOException {
    try {
      natives.initialize("JCudaDriver", UnaryOperator.identity(), DriverApi::version);
    } catch (RuntimeException | LinkageError e) {
      String reason = Reasons.of(e);
      boolean missing = found.get(DRIVER).missing() && reason.contains(DRIVER + ": cannot open");
      String why = missing ? NO_DRIVER : "NVIDIA's driver does not load (" + reason + ")";
      throw new CudaUnusableException(why, e);
    }
  }

  /** A driver that is not where we look may still be where the dynamic loader does. */
  private void preloadDriver(SearchPath path) throws CudaUnusableException, IOException {
    found.put(DRIVER, new Found(DRIVER, null, null, "not found"));
    for (Place place : path.driver()) {
      if (place.names().contains(DRIVER)) {
        Path file = place.file(DRIVER);
        found.put(DRIVER, new Found(DRIVER, file, null, place.how()));
        requireLoaded("NVIDIA's driver", file, Preload.all(List.of(file), System::load));
        return;
      }
    }
  }

  private void list(Selection selection) {
    for (String name : selection.missing()) {
      found.put(name, new Found(name, null, null, "not found"));
    }
    for (Map.Entry<String, Place> library : selection.chosen().entrySet()) {
      String name = library.getKey();
      Place place = library.getValue();
      found.put(name, new Found(name, place.where(name), null, place.how()));
    }
  }

  private void preload(Selection selection) throws CudaUnusableException, IOException {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Map.Entry<String, Place> library : selection.toPreload().entrySet()) {
      String name = library.getKey();
      Path file = library.getValue().file(name);
      files.put(name, file);
      found.put(
          name,
          new Found(name, file, Versions.ofFile(file.toRealPath()), library.getValue().how()));
    }
    Map<Path, String> failures = Preload.all(List.copyOf(files.values()), System::load);
    for (Map.Entry<String, Path> library : files.entrySet()) {
      String name = library.getKey();
      if (selection.chosen().containsKey(name)) {
        requireLoaded(name, library.getValue(), failures);
      } else if (failures.containsKey(library.getValue())) {
        String reason = "does not load: " + failures.get(library.getValue());
        found.put(name, new Found(name, library.getValue(), null, reason));
      }
    }
  }

  private void initializeLibraries(Selection selection, JcudaNatives natives)
      throws CudaUnusableException, IOException {
    int cuda = selection.cuda();
    initialize(
        "cuBLAS " + cuda + " does not load",
        () -> natives.initialize("JCublas2", jni -> forCuda(jni, cuda), JCublas2::initialize));
    initialize(
        "cuDNN does not load",
        () -> natives.initialize("JCudnn", UnaryOperator.identity(), JCudnn::initialize));
    long cudnn = JCudnn.cudnnGetVersion();
    String cublas = Versions.cublas();
    found.computeIfPresent(Selection.cublas(cuda), (name, library) -> library.withVersion(cublas));
    found.computeIfPresent(
        Selection.CUDNN, (name, library) -> library.withVersion(Versions.cudnn(cudnn)));
    Versions.checkCudnn(cudnn, JCudnn.cudnnGetCudartVersion(), cuda);
  }

  /** JCuda's natives are made for CUDA 12. */
  private static byte[] forCuda(byte[] jni, int cuda) {
    return cuda == 12 ? jni : ElfNeeds.replace(jni, Selection.cublas(12), Selection.cublas(cuda));
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void initialize(String what, Step step) throws CudaUnusableException, IOException {
    try {
      step.run();
    } catch (RuntimeException | LinkageError e) {
      throw new CudaUnusableException(what + " (" + Reasons.of(e) + ")", e);
    }
  }

  private static void requireLoaded(String what, Path file, Map<Path, String> failures)
      throws CudaUnusableException {
    if (failures.containsKey(file)) {
      throw new CudaUnusableException(
          what
              + " does not load from "
              + file
              + ": "
              + failures.get(file)
              + "; repair or remove it, or name the folder of another by -D"
              + SearchPath.PROPERTY
              + "=FOLDER");
    }
  }
}
