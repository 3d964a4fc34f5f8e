package io.github.glia.kernels.cuda.loading;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which cuBLAS and cuDNN to load together, decided by names alone: nothing is loaded here.
 *
 * <p>What the property's folders hold is taken from there; the rest from the first place that has
 * all of the rest in one version of CUDA. Where no place has, each library comes from the first
 * place that has it.
 */
final class Selection {
  static final int OLDEST_CUDA = 12;
  static final int NEWEST_CUDA = 13;
  static final String CUDNN = "libcudnn.so.9";

  private static final String HOW_TO_GET =
      "put org.bytedeco:cuda with the classifier linux-x86_64-redist (2.0 GB) on the class path, or"
          + " install it, or name its folder by -D"
          + SearchPath.PROPERTY
          + "=FOLDER";

  private final SearchPath path;
  private final int newestCuda;
  private final Map<String, Place> chosen = new LinkedHashMap<>();
  private int cuda;
  private String whyNot = "";

  private Selection(SearchPath path, int newestCuda) {
    this.path = path;
    this.newestCuda = newestCuda;
  }

  /**
   * Chooses from a search path.
   *
   * @param driverVersion what {@code cuDriverGetVersion} says: 12040 for CUDA 12.4
   */
  static Selection of(SearchPath path, int driverVersion) {
    Selection selection = new Selection(path, Math.min(NEWEST_CUDA, driverVersion / 1000));
    if (!selection.fromOnePlace()) {
      selection.inPieces(driverVersion);
    }
    return selection;
  }

  static String cublas(int cuda) {
    return "libcublas.so." + cuda;
  }

  static String cublasLt(int cuda) {
    return "libcublasLt.so." + cuda;
  }

  /** The version of CUDA that cuBLAS is of, 12 or 13; 0 where there is none. */
  int cuda() {
    return cuda;
  }

  /** "" if all that is needed was found. */
  String whyNot() {
    return whyNot;
  }

  /** The names of the libraries that were found, with their places, in the order of loading. */
  Map<String, Place> chosen() {
    return chosen;
  }

  /** The names of the libraries that are needed and were not found. */
  List<String> missing() {
    int version = cuda == 0 ? OLDEST_CUDA : cuda;
    List<String> missing = new ArrayList<>(List.of(cublasLt(version), cublas(version), CUDNN));
    missing.removeAll(chosen.keySet());
    return missing;
  }

  /**
   * The chosen ones and what they open by name themselves, for which the dynamic loader would not
   * look beside them: parts of cuDNN, and the compiler that its engines use.
   */
  Map<String, Place> toPreload() {
    Map<String, Place> all = new LinkedHashMap<>();
    Pattern compiler =
        Pattern.compile(
            "lib(cudart|nvJitLink|nvrtc)\\.so\\."
                + cuda
                + "|libnvrtc-builtins\\.so\\."
                + cuda
                + "\\.\\d+");
    add(all, chosen.get(cublas(cuda)), compiler);
    add(all, chosen.get(CUDNN), compiler);
    all.put(cublasLt(cuda), chosen.get(cublasLt(cuda)));
    all.put(cublas(cuda), chosen.get(cublas(cuda)));
    add(all, chosen.get(CUDNN), Pattern.compile("libcudnn_\\w+\\.so\\.9"));
    all.put(CUDNN, chosen.get(CUDNN));
    return all;
  }

  private static void add(Map<String, Place> all, Place place, Pattern pattern) {
    place.names().stream()
        .filter(name -> pattern.matcher(name).matches())
        .sorted()
        .forEach(name -> all.putIfAbsent(name, place));
  }

  private boolean fromOnePlace() {
    for (Place place : path.all()) {
      for (int version = OLDEST_CUDA; version <= newestCuda; version++) {
        List<Place> here = List.of(path.named(), place);
        if (namedAgrees(version)
            && take(cublasLt(version), here)
            && take(cublas(version), here)
            && take(CUDNN, here)) {
          cuda = version;
          return true;
        }
        chosen.clear();
      }
    }
    return false;
  }

  /** Whether the property's folders have no cuBLAS, or this one. */
  private boolean namedAgrees(int version) {
    return path.named().names().contains(cublas(version))
        || path.named().names().stream().noneMatch(name -> name.startsWith("libcublas.so."));
  }

  private void inPieces(int driverVersion) {
    findCublas();
    if (cuda == 0) {
      whyNot = noCublas(driverVersion);
    } else if (!take(cublasLt(cuda), path.all())) {
      whyNot = noCublasLt();
    }
    if (!take(CUDNN, path.all()) && whyNot.isEmpty()) {
      whyNot = noCudnn();
    }
  }

  private void findCublas() {
    for (Place place : path.all()) {
      for (int version = OLDEST_CUDA; version <= newestCuda; version++) {
        if (take(cublas(version), List.of(place))) {
          cuda = version;
          return;
        }
      }
    }
  }

  private boolean take(String name, List<Place> from) {
    for (Place place : from) {
      if (place.names().contains(name)) {
        chosen.put(name, place);
        return true;
      }
    }
    return false;
  }

  private String noCublas(int driverVersion) {
    for (Place place : path.all()) {
      for (int version = newestCuda + 1; version <= NEWEST_CUDA; version++) {
        if (place.names().contains(cublas(version))) {
          return "NVIDIA's driver is too old for the CUDA "
              + version
              + " in "
              + place.how()
              + ": it is for CUDA "
              + Versions.cuda(driverVersion)
              + "; update the driver, or install CUDA "
              + newestCuda
              + "'s libraries";
        }
      }
    }
    return missing("cuBLAS 12 or 13 (libcublas.so.12)", others("libcublas.so."));
  }

  private String noCublasLt() {
    for (Place place : path.all()) {
      for (String name : place.names()) {
        if (name.matches("libcublasLt\\.so\\.\\d+")) {
          return "the versions of CUDA's libraries are mixed: "
              + cublas(cuda)
              + " in "
              + chosen.get(cublas(cuda)).how()
              + " needs "
              + cublasLt(cuda)
              + ", but there is only "
              + name
              + " in "
              + place.how()
              + "; install both of one version";
        }
      }
    }
    return missing(cublasLt(cuda) + ", which cuBLAS needs,", List.of());
  }

  private String noCudnn() {
    return missing("cuDNN 9 (" + CUDNN + ")", others("libcudnn.so."));
  }

  private static String missing(String what, List<String> others) {
    String instead = others.isEmpty() ? "" : " (only " + String.join(", ", others) + ")";
    return what + " was not found" + instead + "; " + HOW_TO_GET;
  }

  /** The versions of a library that are there, {@code libcudnn.so.8 in /usr/local/cuda}. */
  private List<String> others(String prefix) {
    List<String> others = new ArrayList<>();
    for (Place place : path.all()) {
      place.names().stream()
          .filter(
              name -> name.startsWith(prefix) && name.substring(prefix.length()).matches("\\d+"))
          .map(name -> name + " in " + place.how())
          .forEach(others::add);
    }
    return others;
  }
}
