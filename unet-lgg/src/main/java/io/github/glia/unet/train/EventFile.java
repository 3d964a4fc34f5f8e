package io.github.glia.unet.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Numbers over steps, as TensorBoard reads them: a file of TFRecords, each an Event of protocol
 * buffers.
 *
 * <pre>
 *   record  = length (8 bytes), masked CRC of it (4), the event, masked CRC of that (4)
 *   Event   = { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 }
 *   Summary = { repeated Value value = 1 }   Value = { string tag = 1; float simple_value = 2 }
 * </pre>
 */
final class EventFile implements AutoCloseable {
  /** Wire types of protocol buffers: how long the value after a field's number is. */
  private static final int VARINT = 0;

  private static final int EIGHT_BYTES = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FOUR_BYTES = 5;

  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;

  private final Path path;
  private final FileChannel file;

  /** A new file in place of one that may be there. */
  EventFile(Path path, double wallTime) throws IOException {
    this.path = path;
    file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    Message event = new Message();
    event.number(WALL_TIME, wallTime);
    event.bytes(FILE_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    append(event);
  }

  /** Adds a point to the curve of each tag. */
  void write(double wallTime, long step, Map<String, Double> values) throws IOException {
    Message summary = new Message();
    values.forEach(
        (tag, value) -> {
          Message point = new Message();
          point.bytes(TAG, tag.getBytes(StandardCharsets.UTF_8));
          point.number(SIMPLE_VALUE, (float) (double) value);
          summary.bytes(VALUE, point.toBytes());
        });
    Message event = new Message();
    event.number(WALL_TIME, wallTime);
    event.integer(STEP, step);
    event.bytes(SUMMARY, summary.toBytes());
    append(event);
  }

  private void append(Message event) throws IOException {
    byte[] data = event.toBytes();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + data.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(maskedCrc(record.array(), Long.BYTES));
    record.put(data);
    record.putInt(maskedCrc(data, data.length));
    record.flip();
    try {
      while (record.hasRemaining()) {
        file.write(record);
      }
    } catch (IOException e) {
      throw new IOException(path + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** The CRC-32C, rotated and shifted: CRCs of data that hold CRCs would be weak. */
  static int maskedCrc(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** A message of protocol buffers: fields, each a number with a wire type, and a value. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void number(int field, double value) {
      key(field, EIGHT_BYTES);
      littleEndian(Double.doubleToRawLongBits(value), Double.BYTES);
    }

    void number(int field, float value) {
      key(field, FOUR_BYTES);
      littleEndian(Float.floatToRawIntBits(value), Float.BYTES);
    }

    void integer(int field, long value) {
      key(field, VARINT);
      varint(value);
    }

    void bytes(int field, byte[] value) {
      key(field, LENGTH_DELIMITED);
      varint(value.length);
      out.writeBytes(value);
    }

    byte[] toBytes() {
      return out.toByteArray();
    }

    private void key(int field, int wireType) {
      varint(((long) field << 3) | wireType);
    }

    /** Seven bits a byte, the lowest first; the eighth says that more follow. */
    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    private void littleEndian(long bits, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (bits >>> (8 * i)));
      }
    }
  }
}
