package io.github.glia.nn;

import io.github.glia.tensor.HalfPrecision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a safetensors file says of its arrays: checked when read, and made for files of F32. */
@SuppressWarnings("ArrayRecordComponent") // its records are never compared
record WeightHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  /**
   * The format allows ten times as much. Parsed, a header takes many times its size, and this holds
   * a hundred thousand arrays.
   */
  static final int LARGEST_BYTES = 10_000_000;

  private static final String METADATA = "__metadata__";

  /** Java's arrays hold a few less than the largest int. */
  private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

  /** Numbers are read and written through a buffer of this many bytes. */
  private static final int CHUNK_BYTES = 1 << 18;

  /** Names in messages are cut, since a hostile one may be as long as the file. */
  private static final int LONGEST_SHOWN = 100;

  /** Where an array lies in the data. */
  record Entry(NumberType type, int[] shape, long begin, long end) {
    long count() {
      return (end - begin) / type.bytes;
    }
  }

  /** How a number is stored. */
  enum NumberType {
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

    static NumberType named(Object name) {
      for (NumberType type : values()) {
        if (type.name().equals(name)) {
          return type;
        }
      }
      throw new IllegalArgumentException(
          "its dtype " + shown(name) + " is not known; known are " + Arrays.toString(values()));
    }
  }

  /**
   * The header that these bytes are, of a file with that many bytes of data.
   *
   * @throws IllegalArgumentException if they are none, or do not fit the data
   */
  static WeightHeader parse(ByteBuffer bytes, long dataSize) {
    Map<String, Object> members = object(Json.parse(decode(bytes)), "the header");
    Map<String, String> metadata = new LinkedHashMap<>();
    if (members.containsKey(METADATA)) {
      object(members.remove(METADATA), METADATA)
          .forEach(
              (key, value) -> {
                if (!(value instanceof String text)) {
                  throw new IllegalArgumentException("metadata " + shown(key) + " is not a string");
                }
                metadata.put(key, text);
              });
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    members.forEach(
        (name, member) -> {
          try {
            entries.put(name, entry(object(member, "its entry"), dataSize));
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(shown(name) + ": " + e.getMessage(), e);
          }
        });
    requireNeitherGapsNorOverlaps(entries, dataSize);
    return new WeightHeader(entries, Collections.unmodifiableMap(metadata));
  }

  /** The header of a file of F32 arrays. */
  static byte[] bytes(Map<String, int[]> shapes, Map<String, String> metadata) {
    if (metadata == null) {
      throw new IllegalArgumentException("the metadata of a weight file is null; use Map.of()");
    }
    List<String> members = new ArrayList<>();
    if (!metadata.isEmpty()) {
      List<String> pairs = new ArrayList<>();
      metadata.forEach((key, value) -> pairs.add(quoted(key) + ":" + quoted(value)));
      members.add("\"" + METADATA + "\":{" + String.join(",", pairs) + "}");
    }
    long begin = 0;
    for (Map.Entry<String, int[]> array : shapes.entrySet()) {
      String name = quoted(array.getKey());
      if (array.getKey().equals(METADATA) || array.getValue() == null) {
        throw new IllegalArgumentException(
            name + (array.getValue() == null ? " is null" : " cannot be the name of an array"));
      }
      long end = begin + count(array.getValue()) * Float.BYTES;
      String shape = Arrays.toString(array.getValue()).replace(" ", "");
      members.add(
          name
              + (":{\"dtype\":\"F32\",\"shape\":" + shape)
              + (",\"data_offsets\":[" + begin + "," + end + "]}"));
      begin = end;
    }
    byte[] json = ("{" + String.join(",", members) + "}").getBytes(StandardCharsets.UTF_8);
    // The numbers begin at a multiple of 8 bytes: the format allows spaces after the header.
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    if (padded.length > LARGEST_BYTES) {
      throw new IllegalArgumentException(
          "names, shapes and metadata take "
              + padded.length
              + " bytes; a weight file has at most "
              + LARGEST_BYTES
              + " of them");
    }
    return padded;
  }

  /** The number of elements of an array. */
  static long count(int[] shape) {
    long count = 1;
    for (int size : shape) {
      if (size < 0 || (size > 0 && count > MOST_ELEMENTS / size)) {
        throw new IllegalArgumentException(
            "the shape "
                + shortened(Arrays.toString(shape))
                + (size < 0 ? " has a negative size" : " has too many elements"));
      }
      count *= size;
    }
    return count;
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A buffer for an array, or a part of it. */
  static ByteBuffer chunkBuffer(int count, int bytesEach) {
    return littleEndian((int) Math.min(CHUNK_BYTES, (long) count * bytesEach));
  }

  private static String decode(ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("its header is not UTF-8", e);
    }
  }

  private static Entry entry(Map<String, Object> member, long dataSize) {
    NumberType type = NumberType.named(member.get("dtype"));
    int[] shape = shape(integers(member.get("shape"), "shape"));
    long[] offsets = integers(member.get("data_offsets"), "data_offsets");
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataSize) {
      throw new IllegalArgumentException("its data_offsets are not within the file");
    }
    long needed = count(shape) * type.bytes;
    if (offsets[1] - offsets[0] != needed) {
      throw new IllegalArgumentException(
          "its data has "
              + (offsets[1] - offsets[0])
              + " bytes, but its shape and type need "
              + needed);
    }
    return new Entry(type, shape, offsets[0], offsets[1]);
  }

  private static int[] shape(long[] sizes) {
    int[] shape = new int[sizes.length];
    for (int i = 0; i < shape.length; i++) {
      if (sizes[i] > MOST_ELEMENTS) {
        throw new IllegalArgumentException("its shape has a size of " + sizes[i]);
      }
      shape[i] = (int) sizes[i];
    }
    return shape;
  }

  private static void requireNeitherGapsNorOverlaps(Map<String, Entry> entries, long dataSize) {
    long end = 0;
    for (Map.Entry<String, Entry> next :
        entries.entrySet().stream()
            .sorted(
                Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
                    .thenComparingLong(e -> e.getValue().end))
            .toList()) {
      if (next.getValue().begin != end) {
        throw new IllegalArgumentException(
            shown(next.getKey())
                + " begins at byte "
                + next.getValue().begin
                + ", expected "
                + end);
      }
      end = next.getValue().end;
    }
    if (end != dataSize) {
      throw new IllegalArgumentException(
          "the arrays end at byte " + end + " of " + dataSize + " bytes of data");
    }
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
        throw new IllegalArgumentException("its " + what + " holds " + shown(items.get(i)));
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

  private static String quoted(String text) {
    if (text == null) {
      throw new IllegalArgumentException("a name or a note of a weight file is null");
    }
    return Json.quote(text);
  }

  private static String shown(Object value) {
    return shortened(Json.quote(String.valueOf(value)));
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + " …";
  }
}
