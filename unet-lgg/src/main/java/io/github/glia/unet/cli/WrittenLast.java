package io.github.glia.unet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that a command writes after minutes or hours, and of which it must know before. */
final class WrittenLast {
  private WrittenLast() {}

  /**
   * Refuses what cannot be a file.
   *
   * @param file null for none
   */
  static void requirePossible(String flag, Path file) throws IOException {
    if (file != null
        && (Files.isDirectory(file) || !Files.isDirectory(file.toAbsolutePath().getParent()))) {
      throw new IOException(
          flag + " " + file + " cannot be written: name a file in a folder that is there");
    }
  }
}
