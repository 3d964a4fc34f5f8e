package io.github.glia.unet.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir Path folder;

  /** The polynomial x³² + x²⁸ + …, bit by bit: a CRC-32C that owes nothing to Java's. */
  private static int crc32c(byte[] data) {
    int crc = -1;
    for (byte b : data) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
    }
    return ~crc;
  }

  private static int masked(byte[] data) {
    int crc = crc32c(data);
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  /** A message of protocol buffers as "field:value" texts, messages within in brackets. */
  private static String parse(ByteBuffer message, boolean event) {
    List<String> fields = new ArrayList<>();
    while (message.hasRemaining()) {
      int key = (int) varint(message);
      int field = key >>> 3;
      String value =
          switch (key & 7) {
            case 0 -> Long.toString(varint(message));
            case 1 -> Double.toString(message.getDouble());
            case 5 -> Float.toString(message.getFloat());
            case 2 -> {
              byte[] bytes = new byte[(int) varint(message)];
              message.get(bytes);
              boolean nested = event ? field == 5 : field == 1 && bytes[0] == 10;
              yield nested
                  ? "[" + parse(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), false) + "]"
                  : new String(bytes, StandardCharsets.UTF_8);
            }
            default -> throw new AssertionError("wire type " + (key & 7));
          };
      fields.add(field + ":" + value);
    }
    return String.join(" ", fields);
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = from.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  static List<String> events(Path path) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    List<String> events = new ArrayList<>();
    while (file.hasRemaining()) {
      byte[] length = new byte[8];
      file.get(length);
      assertEquals(masked(length), file.getInt());
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      file.get(data);
      assertEquals(masked(data), file.getInt());
      events.add(parse(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN), true));
    }
    return events;
  }

  @Test
  void recordsReadBack() throws IOException {
    Path path = folder.resolve("events");
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/train", 0.5);
    values.put("dice", 0.75);
    try (EventFile file = new EventFile(path, 1.5)) {
      file.write(2.5, 300, values);
    }
    assertEquals(
        List.of(
            "1:1.5 3:brain.Event:2", "1:2.5 2:300 5:[1:[1:loss/train 2:0.5] 1:[1:dice 2:0.75]]"),
        events(path));
  }

  @Test
  void theChecksumIsTheKnownOne() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertEquals(0xe3069283, crc32c(digits));
    assertEquals(masked(digits), EventFile.maskedCrc(digits, digits.length));
  }
}
