package io.github.glia.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;

/**
 * Files that are there whole, or as they were before, whenever a process is killed, a disk is full
 * or the power fails: each is written beside its place, synced, and renamed.
 */
public final class WholeFile {
  private static final boolean FOLDERS_CAN_BE_SYNCED =
      !System.getProperty("os.name").startsWith("Windows");

  /** Writes the content of a file. */
  public interface Writer {
    void write(FileChannel file) throws IOException;
  }

  private WholeFile() {}

  /**
   * Writes a file in place of one that may be there.
   *
   * @throws IOException if it cannot be written; the message names it, and what was there before is
   *     whole
   */
  public static void write(Path path, Writer writer) throws IOException {
    try {
      replace(path, writer);
    } catch (IOException e) {
      throw named(path, "written", e);
    }
  }

  /** The same with a text, in UTF-8. */
  public static void write(Path path, String text) throws IOException {
    write(path, file -> writeAll(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** An error of the system's, which may tell neither the file nor what was wanted of it. */
  static IOException named(Path path, String wanted, IOException e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
    if (e.getClass() == IOException.class && message.startsWith(path.toString())) {
      return e;
    }
    String reason = e instanceof NoSuchFileException ? "there is no " + message : message;
    return new IOException(path + " cannot be " + wanted + ": " + reason, e);
  }

  private static void replace(Path path, Writer writer) throws IOException {
    Path target = path.toAbsolutePath();
    Path folder = target.getParent();
    if (Files.isDirectory(target)) {
      throw new IOException(path + " is a folder; name a file in it");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(path + " cannot be written: there is no folder " + folder);
    }
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      writeThrough(target, writer);
      return;
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

  /** A pipe or a device, such as /dev/stdout, is not replaced by a file. */
  private static void writeThrough(Path target, Writer writer) throws IOException {
    try (FileChannel device = FileChannel.open(target, StandardOpenOption.WRITE)) {
      writer.write(device);
    }
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
