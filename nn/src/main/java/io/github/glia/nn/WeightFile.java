package io.github.glia.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of named arrays in the safetensors format: the size of a header, the header as JSON, and
 * the numbers, little-endian. Nothing in it can run code, and nothing that it says is believed: the
 * header is checked against the size of the file before a number is read.
 */
@SuppressWarnings("ArrayRecordComponent") // its records carry numbers, and are never compared
public final class WeightFile {
  private final Path path;
  private final Version version;
  private final long dataStart;
  private final WeightHeader header;

  /** An array of numbers and its shape, outermost size first; one number has the shape []. */
  public record Array(int[] shape, float[] values) {
    public Array {
      if (shape == null || values == null) {
        throw new IllegalArgumentException(
            "an array of a weight file has " + (shape == null ? "no shape" : "no values"));
      }
      if (WeightHeader.count(shape) != values.length) {
        throw new IllegalArgumentException(
            values.length + " values do not make an array of " + WeightHeader.count(shape));
      }
    }
  }

  /** Makes the numbers of an array when they are to be written, so that not all are in memory. */
  interface Contents {
    float[] of(String name);
  }

  /** What tells whether a file is still the one whose header was read. */
  private record Version(Object key, long size, FileTime modified) {
    static Version of(Path path) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      // A directory has no bytes, a pipe may never end.
      if (!attributes.isRegularFile()) {
        throw new IOException(path + " is not a file");
      }
      return new Version(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    }
  }

  private WeightFile(Path path, Version version, long dataStart, WeightHeader header) {
    this.path = path;
    this.version = version;
    this.dataStart = dataStart;
    this.header = header;
  }

  /**
   * Reads the header of a file.
   *
   * @throws IOException if the file is not there, is cut short, or is not what its header says; the
   *     message names it
   */
  public static WeightFile open(Path path) throws IOException {
    requirePath(path);
    try {
      Version version = Version.of(path);
      try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
        return open(path, version, file);
      }
    } catch (IOException e) {
      throw WholeFile.named(path, "read", e);
    }
  }

  private static WeightFile open(Path path, Version version, FileChannel file) throws IOException {
    long size = version.size;
    if (size < Long.BYTES) {
      throw wrong(path, "it has " + size + " bytes, too few for a header", null);
    }
    ByteBuffer length = WeightHeader.littleEndian(Long.BYTES);
    fill(path, file, 0, length);
    long headerSize = length.getLong();
    if (headerSize < 2
        || headerSize > WeightHeader.LARGEST_BYTES
        || headerSize > size - Long.BYTES) {
      throw wrong(
          path,
          String.format(
              "its header is said to have %s bytes; it has %d bytes, and at most %d are read"
                  + " as a header",
              Long.toUnsignedString(headerSize), size, WeightHeader.LARGEST_BYTES),
          null);
    }
    ByteBuffer text = WeightHeader.littleEndian((int) headerSize);
    fill(path, file, Long.BYTES, text);
    long dataStart = Long.BYTES + headerSize;
    try {
      return new WeightFile(path, version, dataStart, WeightHeader.parse(text, size - dataStart));
    } catch (IllegalArgumentException e) {
      throw wrong(path, e.getMessage(), e);
    }
  }

  /** The names of the arrays, in the order of the file. */
  public List<String> names() {
    return List.copyOf(header.entries().keySet());
  }

  public boolean has(String name) {
    return header.entries().containsKey(name);
  }

  public int[] shape(String name) {
    return entry(name).shape().clone();
  }

  /** What the file says besides its arrays. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * An array as F32, whatever the type of its numbers in the file.
   *
   * @throws IOException if the file cannot be read, or is no longer the one that was opened
   */
  public Array read(String name) throws IOException {
    WeightHeader.Entry entry = entry(name);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      if (!version.equals(Version.of(path))) {
        throw wrong(path, "it was changed after its header was read; open it again", null);
      }
      float[] values = new float[Math.toIntExact(entry.count())];
      int bytes = entry.type().bytes;
      ByteBuffer chunk = WeightHeader.chunkBuffer(values.length, bytes);
      for (int done = 0; done < values.length; ) {
        int n = Math.min(values.length - done, chunk.capacity() / bytes);
        fill(path, file, dataStart + entry.begin() + (long) done * bytes, chunk.limit(n * bytes));
        for (int i = 0; i < n; i++) {
          values[done + i] = entry.type().read(chunk);
        }
        chunk.clear();
        done += n;
      }
      return new Array(entry.shape().clone(), values);
    } catch (IOException e) {
      throw WholeFile.named(path, "read", e);
    }
  }

  /**
   * Writes a file of F32 arrays. It is written beside its place, synced, and renamed, so that at
   * any moment there is the old file or the new one, whole.
   */
  public static void write(Path path, Map<String, Array> arrays, Map<String, String> metadata)
      throws IOException {
    if (arrays == null) {
      throw new IllegalArgumentException("the arrays of a weight file are null");
    }
    Map<String, int[]> shapes = new LinkedHashMap<>();
    arrays.forEach((name, array) -> shapes.put(name, array == null ? null : array.shape));
    write(path, shapes, name -> arrays.get(name).values, metadata);
  }

  /** The same with one array at a time in memory. */
  static void write(
      Path path, Map<String, int[]> shapes, Contents contents, Map<String, String> metadata)
      throws IOException {
    requirePath(path);
    byte[] header = WeightHeader.bytes(shapes, metadata);
    WholeFile.write(
        path,
        file -> {
          WholeFile.writeAll(
              file, WeightHeader.littleEndian(Long.BYTES).putLong(header.length).flip());
          WholeFile.writeAll(file, ByteBuffer.wrap(header));
          for (Map.Entry<String, int[]> array : shapes.entrySet()) {
            float[] values = contents.of(array.getKey());
            if (values.length != WeightHeader.count(array.getValue())) {
              throw new IllegalStateException(array.getKey() + " changed while it was saved");
            }
            writeAll(file, values);
          }
        });
  }

  private static void writeAll(FileChannel file, float[] values) throws IOException {
    ByteBuffer chunk = WeightHeader.chunkBuffer(values.length, Float.BYTES);
    for (int done = 0; done < values.length; ) {
      int n = Math.min(values.length - done, chunk.capacity() / Float.BYTES);
      chunk.clear().limit(n * Float.BYTES);
      chunk.asFloatBuffer().put(values, done, n);
      WholeFile.writeAll(file, chunk);
      done += n;
    }
  }

  private WeightHeader.Entry entry(String name) {
    WeightHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new IllegalArgumentException(path + " has no array named " + name);
    }
    return entry;
  }

  /** Reads until the limit of the buffer. */
  private static void fill(Path path, FileChannel file, long from, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw wrong(path, "it ended while it was read", null);
      }
    }
    buffer.flip();
  }

  private static void requirePath(Path path) {
    if (path == null) {
      throw new IllegalArgumentException("the path of a weight file is null");
    }
  }

  private static IOException wrong(Path path, String reason, Throwable cause) {
    return new IOException(path + " is not a whole safetensors file: " + reason, cause);
  }
}
