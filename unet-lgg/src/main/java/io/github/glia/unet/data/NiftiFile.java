package io.github.glia.unet.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A volume in one NIfTI-1 file, plain or gzipped. The header is checked before anything is
 * allocated for it: at most 32 Mi voxels (128 MiB as floats) are read, and of a gzipped file no
 * more is unpacked than the header asks for.
 *
 * @param values {@code [depth, height, width]}
 */
@SuppressWarnings("ArrayRecordComponent") // voxels on their way, never compared
record NiftiFile(int depth, int height, int width, float[] values) {
  private static final int HEADER_BYTES = 348;
  private static final int MOST_VOXELS = 32 << 20;
  private static final int LARGEST_OFFSET = 16 << 20;
  private static final int CHUNK_BYTES = 1 << 16;

  static boolean isNamedLikeOne(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".nii") || name.endsWith(".nii.gz");
  }

  static NiftiFile read(Path file) throws IOException {
    try (InputStream stream = open(file)) {
      ByteBuffer header = ByteBuffer.wrap(exactly(stream, HEADER_BYTES, "header"));
      return read(header, stream);
    } catch (EOFException | ZipException broken) {
      throw new IOException(
          file + ": its compressed data is truncated or damaged: " + broken.getMessage(), broken);
    } catch (IOException failure) {
      throw new IOException(file + ": " + failure.getMessage(), failure);
    }
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(Files.exists(file) ? "is not a file" : "there is no such file");
    }
    InputStream stream = new BufferedInputStream(Files.newInputStream(file), CHUNK_BYTES);
    try {
      stream.mark(2);
      boolean zipped = stream.read() == 0x1f && stream.read() == 0x8b;
      stream.reset();
      return zipped ? new GZIPInputStream(stream, CHUNK_BYTES) : stream;
    } catch (IOException broken) {
      stream.close();
      throw broken;
    }
  }

  private static NiftiFile read(ByteBuffer header, InputStream stream) throws IOException {
    header.order(orderOf(header));
    String magic = "" + (char) header.get(344) + (char) header.get(345) + (char) header.get(346);
    if (!magic.equals("n+1")) {
      throw new IOException(
          magic.equals("ni1")
              ? "keeps its voxels in another file; expected one .nii file with both"
              : "is no NIfTI-1 file: the magic is not n+1");
    }
    int width = dimension(header, 1);
    int height = dimension(header, 2);
    int depth = dimension(header, 3);
    for (int i = 4; i <= header.getShort(40); i++) {
      if (dimension(header, i) > 1) {
        throw new IOException(
            "has " + header.getShort(40 + 2 * i) + " volumes in dimension " + i + "; expected one");
      }
    }
    long voxels = (long) width * height * depth;
    if (voxels > MOST_VOXELS) {
      throw new IOException(
          "declares "
              + width
              + "×"
              + height
              + "×"
              + depth
              + " voxels; at most "
              + MOST_VOXELS
              + " are read");
    }
    NiftiType type = NiftiType.of(header.getShort(70), header.getShort(72));
    float slope = header.getFloat(112);
    boolean scaled = slope != 0 && !Float.isNaN(slope);
    float intercept = scaled ? finite("scl_inter", header.getFloat(116)) : 0;
    skipTo(finite("vox_offset", header.getFloat(108)), stream);
    float[] values = voxels(stream, (int) voxels, type, header.order());
    if (scaled && !(slope == 1 && intercept == 0)) {
      scale(values, finite("scl_slope", slope), intercept);
    }
    return new NiftiFile(depth, height, width, values);
  }

  private static ByteOrder orderOf(ByteBuffer header) throws IOException {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      int size = header.order(order).getInt(0);
      if (size == HEADER_BYTES) {
        return order;
      }
      if (size == 540) {
        throw new IOException("is NIfTI-2; expected NIfTI-1");
      }
    }
    throw new IOException("is no NIfTI-1 file: the header's size is not " + HEADER_BYTES);
  }

  private static int dimension(ByteBuffer header, int index) throws IOException {
    int count = header.getShort(40);
    if (count < 3 || count > 7) {
      throw new IOException("has " + count + " dimensions; expected 3");
    }
    int length = header.getShort(40 + 2 * index);
    if (length < 1) {
      throw new IOException("has length " + length + " in dimension " + index);
    }
    return length;
  }

  private static float finite(String field, float value) throws IOException {
    if (!Float.isFinite(value)) {
      throw new IOException("has " + field + " " + value + " in its header");
    }
    return value;
  }

  private static void skipTo(float offset, InputStream stream) throws IOException {
    if (offset < HEADER_BYTES || offset > LARGEST_OFFSET || offset != (int) offset) {
      throw new IOException(
          "has vox_offset " + offset + "; expected " + HEADER_BYTES + " to " + LARGEST_OFFSET);
    }
    int between = (int) offset - HEADER_BYTES;
    byte[] unused = exactly(stream, between, "header extensions");
    if (unused.length != between) {
      throw new IllegalStateException("read " + unused.length + " bytes, not " + between);
    }
  }

  private static byte[] exactly(InputStream stream, int count, String what) throws IOException {
    byte[] bytes = stream.readNBytes(count);
    if (bytes.length < count) {
      throw new IOException(
          "ends after " + bytes.length + " of " + count + " bytes of its " + what);
    }
    return bytes;
  }

  private static float[] voxels(InputStream stream, int count, NiftiType type, ByteOrder order)
      throws IOException {
    float[] values = new float[count];
    byte[] bytes = new byte[CHUNK_BYTES];
    ByteBuffer chunk = ByteBuffer.wrap(bytes).order(order);
    int perChunk = CHUNK_BYTES / type.bytes();
    for (int done = 0; done < count; ) {
      int now = Math.min(perChunk, count - done);
      int got = stream.readNBytes(bytes, 0, now * type.bytes());
      if (got < now * type.bytes()) {
        throw new IOException(
            "ends after " + (done + got / type.bytes()) + " of " + count + " voxels");
      }
      for (int i = 0; i < now; i++) {
        values[done + i] = type.get(chunk, i);
        if (!Float.isFinite(values[done + i])) {
          throw new IOException("holds a voxel that is " + values[done + i]);
        }
      }
      done += now;
    }
    return values;
  }

  private static void scale(float[] values, float slope, float intercept) throws IOException {
    for (int i = 0; i < values.length; i++) {
      values[i] = slope * values[i] + intercept;
      if (!Float.isFinite(values[i])) {
        throw new IOException("holds a voxel that is " + values[i] + " after scaling by " + slope);
      }
    }
  }
}
