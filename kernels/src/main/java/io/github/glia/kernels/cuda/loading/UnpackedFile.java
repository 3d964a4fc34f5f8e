package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

/**
 * A file that was unpacked from a jar once and is used as long as it is what the jar holds.
 *
 * <p>Its size and CRC-32 are compared each time with those that the jar says: they find what was
 * broken off or damaged. Against people the folder is closed, see {@link CacheFolder}.
 */
final class UnpackedFile {
  private UnpackedFile() {}

  /**
   * Unpacks an entry unless that was done. Other programs that do so at the same time wait, and a
   * file is never seen half written.
   */
  static synchronized Path of(JarFile jar, ZipEntry entry, Path folder) throws IOException {
    String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
    Path file = folder.resolve(name);
    try (FileChannel locked =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = locked.lock()) {
      if (!isWhole(file, entry)) {
        Path part = folder.resolve(name + ".part");
        write(jar, entry, part);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return file;
  }

  private static void write(JarFile jar, ZipEntry entry, Path part) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
    }
    if (!isWhole(part, entry)) {
      throw new IOException(
          part + " is not what " + jar.getName() + " says of it; is that jar damaged?");
    }
  }

  private static boolean isWhole(Path file, ZipEntry entry) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == entry.getSize()
        && crc32(file) == entry.getCrc();
  }

  private static long crc32(Path file) throws IOException {
    CRC32 crc = new CRC32();
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
      while (channel.read(buffer) >= 0) {
        crc.update(buffer.flip());
        buffer.clear();
      }
    }
    return crc.getValue();
  }
}
