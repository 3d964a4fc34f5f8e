package io.github.glia.kernels.cuda.loading;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What PyTorch and its kind brought: pip's packages of CUDA, one folder each below {@code
 * site-packages/nvidia}, or conda's, beside all its other libraries.
 */
final class PythonEnvironments {
  private PythonEnvironments() {}

  static List<Place> of(SearchPath.Machine machine) {
    List<Place> places = new ArrayList<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      for (Path environment : machine.folders(variable)) {
        add(places, environment.resolve("lib"));
      }
    }
    add(places, machine.home().resolve(".local/lib"));
    for (String installed : List.of("usr/local/lib", "usr/lib", "opt/conda/lib")) {
      add(places, machine.in(installed));
    }
    return places;
  }

  private static void add(List<Place> places, Path lib) {
    SearchPath.children(lib, "python3.*")
        .flatMap(python -> SearchPath.children(python, "(site|dist)-packages"))
        .forEach(packages -> addIfAny(places, packages, nvidia(packages)));
    // conda keeps its libraries in lib itself; lib of a system is searched with the system's
    // folders
    if (lib.resolveSibling("conda-meta").toFile().isDirectory()) {
      addIfAny(places, lib, List.of(lib));
    }
  }

  private static List<Path> nvidia(Path packages) {
    return SearchPath.children(packages.resolve("nvidia"), ".*")
        .flatMap(part -> Stream.of(part.resolve("lib")))
        .toList();
  }

  private static void addIfAny(List<Place> places, Path named, List<Path> folders) {
    Place place = new Folders("Python's " + named, folders);
    if (!place.names().isEmpty()) {
      places.add(place);
    }
  }
}
