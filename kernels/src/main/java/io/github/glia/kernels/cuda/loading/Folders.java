package io.github.glia.kernels.cuda.loading;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Folders that are searched in order; those that are not there are no fault. Libraries for
 * processes of 32 bits, such as the driver's for games, may lie in the folders of the loader, too:
 * they are none for us.
 */
final class Folders implements Place {
  /** What a library for 32 bits begins with: ELF's magic number, and its class 1. */
  private static final byte[] ELF_32 = {0x7f, 'E', 'L', 'F', 1};

  private final String how;
  private final Map<String, Path> files = new LinkedHashMap<>();

  Folders(String how, List<Path> folders) {
    this.how = how;
    for (Path folder : folders) {
      // Not Files.list: a folder that cannot be read holds nothing for us, as one that is not
      // there.
      File[] inside = folder.toFile().listFiles(f -> LIBRARIES.matcher(f.getName()).matches());
      for (File file : inside == null ? new File[0] : inside) {
        if (file.isFile() && !isFor32Bits(file)) {
          files.putIfAbsent(file.getName(), file.toPath());
        }
      }
    }
  }

  private static boolean isFor32Bits(File file) {
    try (InputStream in = new FileInputStream(file)) {
      return Arrays.equals(in.readNBytes(ELF_32.length), ELF_32);
    } catch (IOException e) {
      return false; // who loads it is told why it cannot be read
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
