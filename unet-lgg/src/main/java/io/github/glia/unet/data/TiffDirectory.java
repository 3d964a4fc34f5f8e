package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The first directory of a TIFF file, checked before anybody allocates what it asks for, and cut
 * down to the tags that decoding needs. Further directories, EXIF, colour profiles and the rest
 * describe the picture, can lie, and say nothing about its pixels.
 */
final class TiffDirectory {
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS_PER_SAMPLE = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  private static final int WHITE_IS_ZERO = 0;
  static final int BLACK_IS_ZERO = 1;
  static final int RED_GREEN_BLUE = 2;
  static final int STRIP_OFFSETS = 273;
  static final int SAMPLES_PER_PIXEL = 277;
  static final int ROWS_PER_STRIP = 278;
  static final int STRIP_BYTE_COUNTS = 279;
  static final int PLANAR_CONFIGURATION = 284;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  static final int SAMPLE_FORMAT = 339;
  static final int UNSIGNED = 1;
  private static final int SIGNED = 2;
  private static final int REAL = 3;
  private static final int REAL_BITS = 32;
  private static final int JPEG_OFFSET = 513;
  private static final int JPEG_LENGTH = 514;
  private static final int OLD_JPEG = 6;
  private static final int JPEG = 7;
  private static final int MOST_SAMPLES = 16;
  private static final int MOST_BITS = 64;

  /** Size, samples, compression, strips, tiles, predictor, palette, and the tables of JPEG. */
  private static final Set<Integer> NEEDED =
      Set.of(
          256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324,
          325, 332, 338, 339, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532);

  /** Bytes of a value of each field type; 0: no such type. */
  private static final int[] TYPE_SIZES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

  /** Where the values of a tag lie. */
  private record Field(int type, long count, int position) {}

  private final ByteBuffer file;
  private final boolean big;
  private final TreeMap<Integer, Field> fields = new TreeMap<>();

  private TiffDirectory(byte[] bytes) {
    file = ByteBuffer.wrap(bytes);
    file.order(bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    big = file.getShort(2) == 43;
  }

  /**
   * Checks the directory, and drops from the bytes given what decoding does not need.
   *
   * @param limit the most bytes that the decoded picture may have
   */
  static TiffDirectory checked(byte[] bytes, long limit) throws IOException {
    try {
      TiffDirectory directory = new TiffDirectory(bytes);
      directory.readFields();
      directory.checkSizes(limit);
      return directory;
    } catch (IndexOutOfBoundsException | BufferUnderflowException end) {
      throw new IOException("the TIFF directory goes beyond the end of the file", end);
    }
  }

  private void readFields() throws IOException {
    long start = big ? file.getLong(8) : file.getInt(4) & 0xffff_ffffL;
    if (start < 8 || start >= file.capacity()) {
      throw new IOException(
          "the TIFF directory should be at byte "
              + Long.toUnsignedString(start)
              + " of "
              + file.capacity()
              + ": the file is truncated or damaged");
    }
    int position = (int) start;
    long count = big ? file.getLong(position) : file.getShort(position) & 0xffff;
    int entryBytes = big ? 20 : 12;
    int first = position + (big ? 8 : 2);
    if (count < 1 || count > (file.capacity() - first) / entryBytes) {
      throw new IOException(
          "the TIFF directory names " + count + " tags: the file is truncated or damaged");
    }
    int kept = first;
    for (int i = 0; i < count; i++) {
      int entry = first + i * entryBytes;
      int tag = file.getShort(entry) & 0xffff;
      if (NEEDED.contains(tag) && !fields.containsKey(tag)) {
        file.put(kept, file.array(), entry, entryBytes);
        fields.put(tag, field(tag, kept));
        kept += entryBytes;
      }
    }
    int keptCount = (kept - first) / entryBytes;
    if (big) {
      file.putLong(position, keptCount);
    } else {
      file.putShort(position, (short) keptCount);
    }
    endDirectory(kept);
  }

  /** No next directory, where there is room to say so. */
  private void endDirectory(int position) {
    for (int i = position; i < Math.min(position + (big ? 8 : 4), file.capacity()); i++) {
      file.put(i, (byte) 0);
    }
  }

  private Field field(int tag, int entry) throws IOException {
    int type = file.getShort(entry + 2) & 0xffff;
    long count = big ? file.getLong(entry + 4) : file.getInt(entry + 4) & 0xffff_ffffL;
    if (type >= TYPE_SIZES.length || TYPE_SIZES[type] == 0) {
      throw new IOException("TIFF tag " + tag + " has the unknown type " + type);
    }
    int inline = big ? 8 : 4;
    int valueAt = entry + (big ? 12 : 8);
    if (count < 1 || count > file.capacity()) {
      throw new IOException("TIFF tag " + tag + " counts " + count + " values");
    }
    long bytes = count * TYPE_SIZES[type];
    long at = valueAt;
    if (bytes > inline) {
      at = big ? file.getLong(valueAt) : file.getInt(valueAt) & 0xffff_ffffL;
    }
    if (at < 0 || at > file.capacity() - bytes) {
      throw new IOException(
          "TIFF tag " + tag + " lies outside the file, which is truncated or damaged");
    }
    return new Field(type, count, (int) at);
  }

  private long value(Field field, long index) {
    int size = TYPE_SIZES[field.type];
    int at = (int) (field.position + index * size);
    return switch (size) {
      case 1 -> file.get(at) & 0xff;
      case 2 -> file.getShort(at) & 0xffff;
      case 4 -> file.getInt(at) & 0xffff_ffffL;
      default -> file.getLong(at);
    };
  }

  /** The first value of a tag. */
  long value(int tag, long otherwise) {
    Field field = fields.get(tag);
    return field == null ? otherwise : value(field, 0);
  }

  /** All values of a tag, if there are so many of them. */
  Optional<long[]> values(int tag, long count) {
    Field field = fields.get(tag);
    return field == null || field.count != count
        ? Optional.empty()
        : Optional.of(LongStream.range(0, count).map(i -> value(field, i)).toArray());
  }

  /** Those that decoding needs. */
  Set<Integer> tags() {
    return fields.keySet();
  }

  /**
   * Calls real numbers whole ones of the same bits, for the decoder cuts real ones to 0 … 1, and
   * MRI in real numbers goes beyond.
   *
   * @return whether they were real, and the decoder now takes them for whole ones
   */
  boolean hidesRealSamples() throws IOException {
    if (value(SAMPLE_FORMAT, UNSIGNED) != REAL) {
      return false;
    }
    long bits = value(BITS_PER_SAMPLE, 1);
    if (bits != REAL_BITS || value(PHOTOMETRIC, BLACK_IS_ZERO) == WHITE_IS_ZERO) {
      throw new IOException(
          bits == REAL_BITS
              ? "holds real numbers with 0 for white; expected 0 for black"
              : "holds real numbers of " + bits + " bits; expected " + REAL_BITS);
    }
    Field format = fields.get(SAMPLE_FORMAT);
    int size = TYPE_SIZES[format.type];
    for (int i = 0; i < format.count * size; i++) {
      file.put(format.position + i, (byte) 0);
    }
    for (int i = 0; i < format.count; i++) {
      int lowest = file.order() == ByteOrder.LITTLE_ENDIAN ? 0 : size - 1;
      file.put(format.position + i * size + lowest, (byte) UNSIGNED);
    }
    return true;
  }

  private void checkSizes(long limit) throws IOException {
    long width = inRange("width", value(WIDTH, 0), Integer.MAX_VALUE);
    long height = inRange("height", value(HEIGHT, 0), Integer.MAX_VALUE);
    long samples = inRange("samples per pixel", value(SAMPLES_PER_PIXEL, 1), MOST_SAMPLES);
    long bits = 1;
    Field bitsPerSample = fields.get(BITS_PER_SAMPLE);
    for (int i = 0; bitsPerSample != null && i < Math.min(bitsPerSample.count, samples); i++) {
      bits = Math.max(bits, inRange("bits per sample", value(bitsPerSample, i), MOST_BITS));
    }
    if (bits <= 8 && value(SAMPLE_FORMAT, 1) == SIGNED) {
      throw new IOException("holds signed samples of " + bits + " bits; expected unsigned ones");
    }
    boolean tiled = fields.containsKey(TILE_OFFSETS);
    long tileWidth = tiled ? inRange("tile width", value(TILE_WIDTH, 0), Integer.MAX_VALUE) : 1;
    long tileHeight = tiled ? inRange("tile height", value(TILE_HEIGHT, 0), Integer.MAX_VALUE) : 1;
    long pixelBytes = samples * ((bits + 7) / 8);
    DecodedSize.check(roundUp(width, tileWidth), roundUp(height, tileHeight), pixelBytes, limit);
    checkBlocks(tiled, limit);
  }

  private void checkBlocks(boolean tiled, long limit) throws IOException {
    Field offsets = fields.get(tiled ? TILE_OFFSETS : STRIP_OFFSETS);
    Field counts = fields.get(tiled ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS);
    long compression = value(COMPRESSION, 1);
    boolean jpeg = compression == JPEG || compression == OLD_JPEG;
    long jpegBytes = 0;
    for (long i = 0; offsets != null && i < offsets.count; i++) {
      long offset = value(offsets, i);
      checkInside(offset, counts != null && i < counts.count ? value(counts, i) : 0);
      if (jpeg) {
        jpegBytes += JpegSize.bytesAt(file.array(), (int) offset);
      }
    }
    if (compression == OLD_JPEG && fields.containsKey(JPEG_OFFSET)) {
      long offset = value(JPEG_OFFSET, 0);
      checkInside(offset, value(JPEG_LENGTH, 0));
      jpegBytes += JpegSize.bytesAt(file.array(), (int) offset);
    }
    if (jpegBytes > limit) {
      throw new IOException(
          "its JPEG parts decode to " + jpegBytes + " bytes; at most " + limit + " are read");
    }
  }

  private void checkInside(long offset, long count) throws IOException {
    if (offset < 0 || count < 0 || offset > file.capacity() - count) {
      throw new IOException(
          "its pixels should be in bytes "
              + Long.toUnsignedString(offset)
              + " to "
              + Long.toUnsignedString(offset + count)
              + " of "
              + file.capacity()
              + ": the file is truncated or damaged");
    }
  }

  private static long inRange(String what, long value, long most) throws IOException {
    if (value < 1 || value > most) {
      throw new IOException(
          what + " is " + Long.toUnsignedString(value) + ": expected 1 to " + most);
    }
    return value;
  }

  private static long roundUp(long value, long step) {
    return (value + step - 1) / step * step;
  }
}
