package io.github.glia.kernels.cuda.loading;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The places where CUDA's libraries are searched, the first first: the property {@value #PROPERTY},
 * {@code CUDA_HOME} and {@code CUDA_PATH}, the redistributable on the class path, {@code
 * LD_LIBRARY_PATH}, {@code /usr/local/cuda*}, the system's folders, Python's environments.
 *
 * @param named what the property names; what is there is taken from there, whatever else there is
 * @param others the other places in their order
 * @param driver where the driver is searched
 */
record SearchPath(Place named, List<Place> others, List<Place> driver) {
  static final String PROPERTY = "glia.cuda.libraries";

  /**
   * What a machine says of itself.
   *
   * @param property the folders of {@link #PROPERTY}, "" for none
   * @param root the folder that the system's folders are in, {@code /} but in tests
   */
  record Machine(String property, Map<String, String> environment, Path root, Path home) {
    static Machine here() {
      return new Machine(
          System.getProperty(PROPERTY, ""),
          System.getenv(),
          Path.of("/"),
          Path.of(System.getProperty("user.home")));
    }

    /** The folders of a variable like {@code PATH}. */
    List<Path> folders(String variable) {
      return split(environment.getOrDefault(variable, ""));
    }

    Path in(String folder) {
      return root.resolve(folder);
    }
  }

  static SearchPath of(Machine machine, List<Place> redistributable) throws IOException {
    Place named = new Folders("the property " + PROPERTY, split(machine.property()));
    Place loaderPath = new Folders("LD_LIBRARY_PATH", machine.folders("LD_LIBRARY_PATH"));
    Place system = new Folders("the system's folders", systemFolders(machine));

    List<Place> others = new ArrayList<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      for (Path home : machine.folders(variable)) {
        others.add(toolkit(variable, home));
      }
    }
    others.addAll(redistributable);
    others.add(loaderPath);
    for (Path home : newestFirst(machine.in("usr/local"), "cuda(-\\d{1,4}(\\.\\d{1,4})*)?")) {
      others.add(toolkit("/usr/local/" + home.getFileName(), home));
    }
    others.add(system);
    others.addAll(PythonEnvironments.of(machine));
    Place driver = new Folders("NVIDIA's driver", driverFolders(machine));
    return new SearchPath(named, others, List.of(named, loaderPath, driver, system));
  }

  /** All places, the property's first. */
  List<Place> all() {
    List<Place> all = new ArrayList<>(others);
    all.add(0, named);
    return all;
  }

  /** Not its folder {@code stubs}: the libraries there are for linkers, and do nothing. */
  private static Place toolkit(String how, Path home) {
    return new Folders(
        how,
        List.of(
            home.resolve("lib64"), home.resolve("lib"), home.resolve("targets/x86_64-linux/lib")));
  }

  private static List<Path> systemFolders(Machine machine) throws IOException {
    List<Path> folders = new ArrayList<>(LoaderFolders.of(machine.root()));
    for (String usual :
        List.of(
            "lib/x86_64-linux-gnu",
            "usr/lib/x86_64-linux-gnu",
            "lib64",
            "usr/lib64",
            "lib",
            "usr/lib",
            "opt/cuda/lib64")) {
      folders.add(machine.in(usual));
    }
    return folders;
  }

  /**
   * Where drivers are that the system's own folders do not show: WSL, containers, Debian, NixOS.
   */
  private static List<Path> driverFolders(Machine machine) {
    return List.of(
        machine.in("usr/lib/wsl/lib"),
        machine.in("usr/local/nvidia/lib64"),
        machine.in("usr/lib/x86_64-linux-gnu/nvidia/current"),
        machine.in("run/opengl-driver/lib"));
  }

  /** {@code cuda}, which somebody chose, before {@code cuda-13.0} before {@code cuda-12.10}. */
  private static List<Path> newestFirst(Path parent, String pattern) {
    Comparator<Path> chosen = Comparator.comparing(p -> !p.getFileName().toString().equals("cuda"));
    return children(parent, pattern)
        .sorted(chosen.thenComparing(SearchPath::version, Arrays::compare))
        .toList();
  }

  /** The numbers in a folder's name, negated so that the newest comes first. */
  private static int[] version(Path folder) {
    return Stream.of(folder.getFileName().toString().split("\\D+"))
        .filter(digits -> !digits.isEmpty())
        .mapToInt(digits -> -Integer.parseInt(digits))
        .toArray();
  }

  /** The folders in a folder whose names match, in the order of their names; none if it is not. */
  static Stream<Path> children(Path parent, String pattern) {
    File[] inside = parent.toFile().listFiles(f -> f.isDirectory() && f.getName().matches(pattern));
    return Stream.of(inside == null ? new File[0] : inside).map(File::toPath).sorted();
  }

  private static List<Path> split(String folders) {
    return Stream.of(folders.split(File.pathSeparator))
        .filter(folder -> !folder.isBlank())
        .map(Path::of)
        .toList();
  }
}
