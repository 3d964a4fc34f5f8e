package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that are cut, damaged, or made to do harm: each is read, or refused by an IOException that
 * names it, in little time and with memory in proportion to its size.
 */
@Timeout(60)
final class HostileWeightFileTest {
  /** All that is allocated on the way, at once or not; a number of one digit has objects. */
  private static final long BYTES_PER_BYTE = 128;

  private static final long BYTES_AT_ANY_SIZE = 1 << 20;

  @TempDir private Path folder;

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] good = goodFile();
    for (int size = 0; size < good.length; size++) {
      byte[] cut = Arrays.copyOf(good, size);
      assertTrue(!isRead(cut), "cut to " + size + " bytes, it was read");
    }
    assertTrue(isRead(good));
    assertTrue(!isRead(Arrays.copyOf(good, good.length + 1)), "with a byte more, it was read");
  }

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    Random random = new Random(1);
    byte[] good = goodFile();
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] damaged = good.clone();
      int changes = 1 + random.nextInt(4);
      for (int k = 0; k < changes; k++) {
        damaged = damage(damaged, random);
      }
      refused += isRead(damaged) ? 0 : 1;
    }
    assertTrue(refused > 1_000, "only " + refused + " were refused: the damage is too small");
  }

  private static byte[] damage(byte[] file, Random random) {
    int at = random.nextInt(Math.min(file.length, random.nextBoolean() ? 16 : 400));
    byte[] damaged = file.clone();
    switch (random.nextInt(6)) {
      case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> damaged[at] = (byte) random.nextInt(256);
      case 2 -> damaged[at] = (byte) "{}[]\",:0123456789eE.-\\u ntf".charAt(random.nextInt(27));
      case 3 -> damaged = Arrays.copyOf(file, 16 + random.nextInt(file.length));
      case 4 -> {
        // A part of the file again, in the place of another.
        int n = Math.min(random.nextInt(40), file.length - at);
        System.arraycopy(file, random.nextInt(file.length - n + 1), damaged, at, n);
      }
      default -> {
        // A byte more or less in the header, with its size corrected.
        int split = 8 + at % (file.length - 8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, split);
        boolean insert = random.nextBoolean();
        if (insert) {
          out.write("{}[]\",:0123456789eE.-".charAt(random.nextInt(21)));
        }
        out.write(file, insert ? split : split + 1, file.length - split - (insert ? 0 : 1));
        damaged = out.toByteArray();
        damaged[0] += (byte) (insert ? 1 : -1);
      }
    }
    return damaged.length == 0 ? file : damaged;
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 9, 1000, 10_000_001, 1L << 31, 1L << 32, 1L << 62, -1, Long.MIN_VALUE})
  void headersAreAsLongAsTheyAreSaidToBe(long size) throws IOException {
    assertRefused(file(size, "{}".getBytes(StandardCharsets.UTF_8), 0), "its header is said");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]|0|not a JSON object",
        "{`a`:1}|0|not a JSON object",
        "{`a`:{}}|0|dtype",
        "{`a`:{'dtype':'F32','shape':[1]}}|4|no data_offsets",
        "{`a`:{'dtype':'F32','data_offsets':[0,4]}}|4|no shape",
        "{`a`:{'dtype':'F8_E5M2','shape':[4],'data_offsets':[0,4]}}|4|F8_E5M2",
        "{`a`:{'dtype':'f32','shape':[1],'data_offsets':[0,4]}}|4|not known",
        "{`a`:{'dtype':null,'shape':[1],'data_offsets':[0,4]}}|4|not known",
        "{`a`:{'dtype':['F32'],'shape':[1],'data_offsets':[0,4]}}|4|not known",
        "{`a`:{'dtype':'F32','shape':1,'data_offsets':[0,4]}}|4|no shape",
        "{`a`:{'dtype':'F32','shape':[1.5],'data_offsets':[0,4]}}|4|1.5",
        "{`a`:{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}|4|-1",
        "{`a`:{'dtype':'F32','shape':['1'],'data_offsets':[0,4]}}|4|shape holds",
        "{`a`:{'dtype':'F32','shape':[null],'data_offsets':[0,4]}}|4|shape holds",
        "{`a`:{'dtype':'F32','shape':[true],'data_offsets':[0,4]}}|4|shape holds",
        "{`a`:{'dtype':'F32','shape':[[1]],'data_offsets':[0,4]}}|4|shape holds",
        "{`a`:{'dtype':'F32','shape':[1e400],'data_offsets':[0,4]}}|4|shape holds",
        "{`a`:{'dtype':'F32','shape':[1e30],'data_offsets':[0,4]}}|4|shape holds",
        "{`a`:{'dtype':'F32','shape':[99999999999],'data_offsets':[0,4]}}|4|99999999999",
        "{`a`:{'dtype':'F32','shape':[65536,65536],'data_offsets':[0,0]}}|0|too many",
        "{`a`:{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|0|size of",
        "{`a`:{'dtype':'F32','shape':[2147483647],'data_offsets':[0,4]}}|4|size of",
        "{`a`:{'dtype':'F32','shape':[1073741825],'data_offsets':[0,4]}}|4|need 4294967300",
        "{`a`:{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}|4|need 8",
        "{`a`:{'dtype':'F32','shape':[0],'data_offsets':[0,4]}}|4|need 0",
        "{`a`:{'dtype':'F64','shape':[],'data_offsets':[0,4]}}|4|need 8",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0]}}|4|data_offsets",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}}|4|data_offsets",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}|4|data_offsets",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}|4|-4",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0.5,4.5]}}|8|0.5",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|4|within the file",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[9007199254740988,9007199254740992]}}|4"
            + "|within the file",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|expected 0",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|8|end at byte 4",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "`b`:{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|4|expected 4",
        "{`a`:{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "`b`:{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|expected 8",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "`b`:{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}|12|expected 4",
        "{`a`:{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "`a`:{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|only once",
        "{`a`:{'dtype':'F32','dtype':'U8','shape':[1],'data_offsets':[0,4]}}|4|only once",
        "{'__metadata__':1}|0|__metadata__",
        "{'__metadata__':null}|0|__metadata__",
        "{'__metadata__':{'a':1}}|0|not a string",
        "{}|4|end at byte 0",
        "{} {}|0|nothing more",
      })
  void headersThatDoNotFitAreRefused(String json, int dataBytes, String reason) throws IOException {
    byte[] header = json.replace('`', '"').replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    assertRefused(file(header.length, header, dataBytes), reason);
  }

  @Test
  void emptyArraysAreRead() throws IOException {
    byte[] header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483639,0],\"data_offsets\":[0,0]}}"
            .getBytes(StandardCharsets.UTF_8);
    Path path = folder.resolve("empty");
    Files.write(path, file(header.length, header, 0));
    assertEquals(0, WeightFile.open(path).read("a").values().length);
  }

  @Test
  void badUtf8IsRefused() throws IOException {
    byte[] header =
        "{\"aX\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"
            .getBytes(StandardCharsets.ISO_8859_1);
    for (int bad : new int[] {0x80, 0xc0, 0xe9, 0xf8, 0xff}) {
      header[3] = (byte) bad;
      assertRefused(file(header.length, header, 0), "not UTF-8");
    }
    header[3] = 'y';
    assertTrue(isRead(file(header.length, header, 0)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[", "{\"a\":", "{\"__metadata__\":{\"a\":", "[],", "\"a", "9", "1e", "\\"})
  void largeNonsenseIsRefusedInLittleTimeAndMemory(String part) throws IOException {
    byte[] header =
        ("{\"a\":" + part.repeat(9_000_000 / part.length())).getBytes(StandardCharsets.UTF_8);
    assertRefused(file(header.length, header, 0), "");
  }

  @Test
  void aShapeOfManyDimensionsIsRead() throws IOException {
    String ones = "1,".repeat(1_000_000);
    byte[] header =
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + ones + "1],\"data_offsets\":[0,1]}}")
            .getBytes(StandardCharsets.UTF_8);
    assertTrue(isRead(file(header.length, header, 1)));
    byte[] tooLarge =
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + ones + "65536,65536],\"data_offsets\":[0,1]}}")
            .getBytes(StandardCharsets.UTF_8);
    assertRefused(file(tooLarge.length, tooLarge, 1), "too many");
  }

  @Test
  void whatIsNoFileIsRefused() {
    assertNotOpened(folder, "not a file");
    assertNotOpened(folder.resolve("missing"), "there is no");
    if (Files.exists(Path.of("/dev/zero"))) {
      assertNotOpened(Path.of("/dev/zero"), "not a file");
    }
  }

  private static void assertNotOpened(Path path, String reason) {
    IOException e = assertThrows(IOException.class, () -> WeightFile.open(path));
    assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private void assertRefused(byte[] bytes, String reason) throws IOException {
    String message = refusal(bytes);
    if (message == null) {
      fail("it was read");
    }
    assertTrue(message.contains(reason), message);
  }

  private boolean isRead(byte[] bytes) throws IOException {
    return refusal(bytes) == null;
  }

  /** Why the file is refused, or null where it is read. */
  private String refusal(byte[] bytes) throws IOException {
    Path path = folder.resolve("hostile");
    Files.write(path, bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    String message = null;
    try {
      WeightFile file = WeightFile.open(path);
      for (String name : file.names()) {
        file.read(name);
      }
    } catch (IOException e) {
      message = e.getMessage();
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    long allowed = BYTES_AT_ANY_SIZE + BYTES_PER_BYTE * bytes.length;
    assertTrue(allocated <= allowed, allocated + " bytes of memory for " + bytes.length);
    if (message != null) {
      assertTrue(message.startsWith(path.toString()), message);
      assertTrue(message.length() < 1000, "a message of " + message.length() + " characters");
    }
    return message;
  }

  private byte[] goodFile() throws IOException {
    Path path = folder.resolve("good");
    Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
    arrays.put("weight", new WeightFile.Array(new int[] {2, 3, 1, 1}, new float[6]));
    arrays.put("bias", new WeightFile.Array(new int[] {2}, new float[] {1, 2}));
    arrays.put("one", new WeightFile.Array(new int[0], new float[] {3}));
    WeightFile.write(path, arrays, Map.of("by", "Glia"));
    return Files.readAllBytes(path);
  }

  private static byte[] file(long headerSize, byte[] header, int dataBytes) {
    return WeightHeader.littleEndian(8 + header.length + dataBytes)
        .putLong(headerSize)
        .put(header)
        .array();
  }
}
