package io.github.glia.kernels.cuda.loading;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Loads libraries by their full paths. From then on the dynamic loader takes them for whatever
 * needs, or opens, a library of that name.
 */
final class Preload {
  private Preload() {}

  /**
   * Loads libraries that need each other, in whatever order works: those that fail are tried again
   * when others were loaded.
   *
   * @param load {@link System#load}, but in tests
   * @return those that do not load, with the reason
   */
  static Map<Path, String> all(List<Path> files, Consumer<String> load) {
    List<Path> waiting = new ArrayList<>(files);
    Map<Path, String> failures = new LinkedHashMap<>();
    boolean progress = true;
    while (progress && !waiting.isEmpty()) {
      failures.clear();
      for (Path file : waiting) {
        try {
          load.accept(file.toAbsolutePath().toString());
        } catch (UnsatisfiedLinkError e) {
          failures.put(file, Reasons.of(e));
        }
      }
      progress = failures.size() < waiting.size();
      waiting = new ArrayList<>(failures.keySet());
    }
    return failures;
  }
}
