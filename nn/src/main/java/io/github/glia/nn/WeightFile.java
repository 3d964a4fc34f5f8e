package io.github.glia.nn;

import io.github.glia.tensor.HalfPrecision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
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
  /** As the format's own library has it. */
  private static final long LARGEST_HEADER = 100_000_000;

  private static final int HEADER_SIZE_BYTES = 8;

  private final Path path;
  private final long dataStart;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;

  /** Where an array lies in the file. */
  private record Entry(NumberType type, int[] shape, long begin, long end) {}

  /** An array of numbers and its shape, outermost size first; one number has the shape []. */
  public record Array(int[] shape, float[] values) {
    public Array {
      long count = 1;
      for (int size : shape) {
        count *= size;
      }
      if (count != values.length) {
        throw new IllegalArgumentException(
            values.length + " values do not make an array of " + count);
      }
    }
  }

  private enum NumberType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    U8(1),
    BOOL(1);

    final int bytes;

    NumberType(int bytes) {
      this.bytes = bytes;
    }

    float read(ByteBuffer from) {
      return switch (this) {
        case F64 -> (float) from.getDouble();
        case F32 -> from.getFloat();
        case F16 -> HalfPrecision.fromF16(from.getShort());
        case BF16 -> HalfPrecision.fromBf16(from.getShort());
        case I64 -> from.getLong();
        case I32 -> from.getInt();
        case U8, BOOL -> from.get() & 0xff;
      };
    }
  }

  private WeightFile(
      Path path, long dataStart, Map<String, Entry> entries, Map<String, String> metadata) {
    this.path = path;
    this.dataStart = dataStart;
    this.entries = entries;
    this.metadata = metadata;
  }

  /**
   * Reads the header of a file.
   *
   * @throws IOException if the file is not there, is cut short, or is not what its header says; the
   *     message names it
   */
  public static WeightFile open(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = file.size();
      if (size < HEADER_SIZE_BYTES) {
        throw wrong(path, "it has " + size + " bytes, too few for a header", null);
      }
      long headerSize = read(path, file, 0, HEADER_SIZE_BYTES).getLong();
      if (headerSize < 2 || headerSize > LARGEST_HEADER || headerSize > size - HEADER_SIZE_BYTES) {
        throw wrong(
            path,
            "its header is said to have "
                + Long.toUnsignedString(headerSize)
                + " bytes, and the file has "
                + size,
            null);
      }
      String header =
          StandardCharsets.UTF_8
              .decode(read(path, file, HEADER_SIZE_BYTES, (int) headerSize))
              .toString();
      long dataStart = HEADER_SIZE_BYTES + headerSize;
      try {
        return parse(path, header, dataStart, size - dataStart);
      } catch (IllegalArgumentException e) {
        throw wrong(path, e.getMessage(), e);
      }
    }
  }

  /** The names of the arrays, in the order of the file. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  public boolean has(String name) {
    return entries.containsKey(name);
  }

  public int[] shape(String name) {
    return entry(name).shape.clone();
  }

  /** What the file says besides its arrays. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** An array as F32, whatever the type of its numbers in the file. */
  public Array read(String name) throws IOException {
    Entry entry = entry(name);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer bytes =
          read(path, file, dataStart + entry.begin, Math.toIntExact(entry.end - entry.begin));
      float[] values = new float[bytes.remaining() / entry.type.bytes];
      for (int i = 0; i < values.length; i++) {
        values[i] = entry.type.read(bytes);
      }
      return new Array(entry.shape.clone(), values);
    }
  }

  /**
   * Writes a file of F32 arrays. It is written beside its place, synced, and renamed, so that at
   * any moment there is the old file or the new one, whole.
   */
  public static void write(Path path, Map<String, Array> arrays, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(arrays, metadata);
    Path target = path.toAbsolutePath();
    Path temporary = Files.createTempFile(target.getParent(), target.getFileName() + ".", ".tmp");
    try {
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        writeAll(file, littleEndian(HEADER_SIZE_BYTES).putLong(header.length).flip());
        writeAll(file, ByteBuffer.wrap(header));
        for (Array array : arrays.values()) {
          ByteBuffer bytes = littleEndian(array.values.length * Float.BYTES);
          bytes.asFloatBuffer().put(array.values);
          writeAll(file, bytes);
        }
        file.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static byte[] header(Map<String, Array> arrays, Map<String, String> metadata) {
    List<String> members = new ArrayList<>();
    if (!metadata.isEmpty()) {
      List<String> pairs = new ArrayList<>();
      metadata.forEach((key, value) -> pairs.add(Json.quote(key) + ":" + Json.quote(value)));
      members.add("\"__metadata__\":{" + String.join(",", pairs) + "}");
    }
    long begin = 0;
    for (Map.Entry<String, Array> array : arrays.entrySet()) {
      List<String> sizes = new ArrayList<>();
      for (int size : array.getValue().shape) {
        sizes.add(Integer.toString(size));
      }
      long end = begin + (long) array.getValue().values.length * Float.BYTES;
      members.add(
          String.format(
              "%s:{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%d,%d]}",
              Json.quote(array.getKey()), String.join(",", sizes), begin, end));
      begin = end;
    }
    String json = "{" + String.join(",", members) + "}";
    // The numbers begin at a multiple of 8 bytes: the format allows spaces after the header.
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return (json + " ".repeat((8 - bytes.length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
  }

  private static WeightFile parse(Path path, String header, long dataStart, long dataSize) {
    Map<String, Object> members = object(Json.parse(header), "the header");
    Map<String, String> metadata = new LinkedHashMap<>();
    if (members.remove("__metadata__") instanceof Map<?, ?> pairs) {
      pairs.forEach(
          (key, value) -> {
            if (!(value instanceof String text)) {
              throw new IllegalArgumentException("metadata " + key + " is not a string");
            }
            metadata.put((String) key, text);
          });
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    members.forEach(
        (name, member) -> {
          try {
            entries.put(name, entry(object(member, "its entry"), dataSize));
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
          }
        });
    requireNoOverlap(entries, dataSize);
    return new WeightFile(path, dataStart, entries, Collections.unmodifiableMap(metadata));
  }

  private static Entry entry(Map<String, Object> member, long dataSize) {
    NumberType type = numberType(member.get("dtype"));
    long[] sizes = integers(member.get("shape"), "shape");
    int[] shape = new int[sizes.length];
    long count = 1;
    for (int i = 0; i < shape.length; i++) {
      // Sizes that multiply to more than the file holds are refused before they can overflow.
      if (sizes[i] > Integer.MAX_VALUE || (sizes[i] > 0 && count > dataSize / sizes[i])) {
        throw new IllegalArgumentException("its shape has more elements than the file");
      }
      shape[i] = (int) sizes[i];
      count *= sizes[i];
    }
    long[] offsets = integers(member.get("data_offsets"), "data_offsets");
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataSize) {
      throw new IllegalArgumentException("its data_offsets are not within the file");
    }
    if (offsets[1] - offsets[0] != count * type.bytes) {
      throw new IllegalArgumentException(
          "its data has "
              + (offsets[1] - offsets[0])
              + " bytes, but its shape and type need "
              + count * type.bytes);
    }
    return new Entry(type, shape, offsets[0], offsets[1]);
  }

  private static void requireNoOverlap(Map<String, Entry> entries, long dataSize) {
    long end = 0;
    for (Map.Entry<String, Entry> next :
        entries.entrySet().stream()
            .sorted(
                Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
                    .thenComparingLong(e -> e.getValue().end))
            .toList()) {
      if (next.getValue().begin != end) {
        throw new IllegalArgumentException(
            next.getKey() + " begins at byte " + next.getValue().begin + ", expected " + end);
      }
      end = next.getValue().end;
    }
    if (end != dataSize) {
      throw new IllegalArgumentException(
          "the arrays end at byte " + end + " of " + dataSize + " bytes of data");
    }
  }

  private static NumberType numberType(Object name) {
    for (NumberType type : NumberType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new IllegalArgumentException("its dtype " + name + " is not known");
  }

  private static long[] integers(Object value, String what) {
    if (!(value instanceof List<?> items)) {
      throw new IllegalArgumentException("it has no " + what);
    }
    long[] integers = new long[items.size()];
    for (int i = 0; i < integers.length; i++) {
      if (!(items.get(i) instanceof Double number)
          || number < 0
          || number > (1L << 53)
          || number != Math.rint(number)) {
        throw new IllegalArgumentException("its " + what + " holds " + items.get(i));
      }
      integers[i] = number.longValue();
    }
    return integers;
  }

  @SuppressWarnings("unchecked") // Json's objects have strings for names
  private static Map<String, Object> object(Object value, String what) {
    if (!(value instanceof Map<?, ?>)) {
      throw new IllegalArgumentException(what + " is not a JSON object");
    }
    return (Map<String, Object>) value;
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException(path + " has no array named " + name);
    }
    return entry;
  }

  private static ByteBuffer read(Path path, FileChannel file, long from, int bytes)
      throws IOException {
    ByteBuffer buffer = littleEndian(bytes);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw wrong(path, "it ended while it was read", null);
      }
    }
    return buffer.flip();
  }

  private static void writeAll(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static IOException wrong(Path path, String reason, Throwable cause) {
    return new IOException(path + " is not a whole safetensors file: " + reason, cause);
  }
}
