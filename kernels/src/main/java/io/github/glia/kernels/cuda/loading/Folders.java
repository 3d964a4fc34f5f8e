package io.github.glia.kernels.cuda.loading;

import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Folders that are searched in order; those that are not there are no fault. */
final class Folders implements Place {
  private final String how;
  private final Map<String, Path> files = new LinkedHashMap<>();

  Folders(String how, List<Path> folders) {
    this.how = how;
    for (Path folder : folders) {
      // Not Files.list: a folder that cannot be read holds nothing for us, as one that is not
      // there.
      File[] inside = folder.toFile().listFiles(f -> LIBRARIES.matcher(f.getName()).matches());
      for (File file : inside == null ? new File[0] : inside) {
        if (file.isFile()) {
          files.putIfAbsent(file.getName(), file.toPath());
        }
      }
    }
  }

  @Override
  public String how() {
    return how;
  }

  @Override
  public Set<String> names() {
    return files.keySet();
  }

  @Override
  public Path where(String name) {
    return files.get(name);
  }

  @Override
  public Path file(String name) {
    return files.get(name);
  }
}
