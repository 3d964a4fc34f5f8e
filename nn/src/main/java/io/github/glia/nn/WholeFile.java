package io.github.glia.nn;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that are there whole, or as they were before. */
final class WholeFile {
  private static final boolean FOLDERS_CAN_BE_SYNCED =
      !System.getProperty("os.name").startsWith("Windows");

  /** Writes the content of a file. */
  interface Writer {
    void write(FileChannel file) throws IOException;
  }

  private WholeFile() {}

  /** Writes beside the place of the file, syncs, and renames. */
  static void write(Path path, Writer writer) throws IOException {
    Path target = path.toAbsolutePath();
    Path folder = target.getParent();
    if (Files.isDirectory(target)) {
      throw new IOException(path + " is a folder; name a file in it");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(path + " cannot be written: there is no folder " + folder);
    }
    // Not Files.createTempFile: nobody else could read what it makes.
    Path temporary = folder.resolve(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel file =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        writer.write(file);
        file.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncFolder(folder);
  }

  /** Without this, the new name may be lost when the power fails. */
  private static void syncFolder(Path folder) throws IOException {
    if (FOLDERS_CAN_BE_SYNCED) {
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
    }
  }
}
