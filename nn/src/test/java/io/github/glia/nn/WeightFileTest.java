package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files written and read back, files of PyTorch's, and writes that fail. */
final class WeightFileTest {
  /** Written by the safetensors library from PyTorch tensors. */
  private static final String BY_PYTORCH =
      "mAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJieSI6IlB5VG9yY2ggw6kifSwibiI6eyJkdHlwZSI6Ikk2NCIsInNoYXBl"
          + "IjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImNvbnYud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsy"
          + "LDMsMSwyXSwiZGF0YV9vZmZzZXRzIjpbOCw1Nl19LCJ1cC53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6"
          + "WzEsMywyLDFdLCJkYXRhX29mZnNldHMiOls1Niw4MF19LCJiZiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzEs"
          + "MV0sImRhdGFfb2Zmc2V0cyI6WzgwLDgyXX0sImhhbGYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzJdLCJkYXRh"
          + "X29mZnNldHMiOls4Miw4Nl19LCJtYXNrIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0"
          + "cyI6Wzg2LDg4XX19ICAgICAHAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAAAwEAAAOBAAAAAQQAAEEEA"
          + "ACBBAAAwQQAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQEBAAD4AwAEA";

  @TempDir private Path folder;

  @Test
  void readsPyTorchsFiles() throws IOException {
    Path path = folder.resolve("torch.safetensors");
    Files.write(path, Base64.getDecoder().decode(BY_PYTORCH));
    WeightFile file = WeightFile.open(path);
    assertEquals(List.of("n", "conv.weight", "up.weight", "bf", "half", "mask"), file.names());
    assertEquals(Map.of("by", "PyTorch é"), file.metadata());
    assertArray(file.read("n"), new int[0], 7);
    assertArray(
        file.read("conv.weight"), new int[] {2, 3, 1, 2}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertArray(file.read("up.weight"), new int[] {1, 3, 2, 1}, 0, 1, 2, 3, 4, 5);
    assertArray(file.read("bf"), new int[] {1, 1}, 3);
    assertArray(file.read("half"), new int[] {2}, 1.5f, -2);
    assertArray(file.read("mask"), new int[] {2}, 1, 0);
    assertTrue(file.has("n"));
    assertFalse(file.has("m"));
    assertThrows(IllegalArgumentException.class, () -> file.read("m"));
    assertThrows(IllegalArgumentException.class, () -> file.shape("m"));
  }

  @Test
  void writesWhatThePublishedFormatSays() throws IOException {
    Path path = folder.resolve("a.safetensors");
    Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
    arrays.put("w", new WeightFile.Array(new int[] {1, 2}, new float[] {1, -2}));
    arrays.put("b", new WeightFile.Array(new int[0], new float[] {3}));
    WeightFile.write(path, arrays, Map.of("k\"", "v\n"));
    byte[] bytes = Files.readAllBytes(path);
    String header =
        "{\"__metadata__\":{\"k\\\"\":\"v\\u000a\"},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
    assertEquals(0, bytes[0] % 8);
    assertEquals(bytes.length - 8 - 12, WeightHeader.littleEndian(8).put(bytes, 0, 8).getLong(0));
    assertEquals(
        header, new String(bytes, 8, bytes.length - 8 - 12, StandardCharsets.UTF_8).strip());
    assertArrayEquals(
        new byte[] {0, 0, (byte) 128, 63, 0, 0, 0, (byte) 192, 0, 0, 64, 64},
        Arrays.copyOfRange(bytes, bytes.length - 12, bytes.length));
  }

  @Test
  void readsBackEveryShapeItWrites() throws IOException {
    Random random = new Random(1);
    Path path = folder.resolve("a.safetensors");
    for (int round = 0; round < 100; round++) {
      Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
      int n = random.nextInt(6);
      for (int i = 0; i < n; i++) {
        int[] shape = random.ints(random.nextInt(7), round % 10 == 0 ? 0 : 1, 5).toArray();
        float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int k = 0; k < values.length; k++) {
          values[k] = Float.intBitsToFloat(random.nextInt());
        }
        arrays.put("é\"\\\n 漢" + i, new WeightFile.Array(shape, values));
      }
      WeightFile.write(path, arrays, Map.of("round", "" + round));
      WeightFile file = WeightFile.open(path);
      assertEquals(List.copyOf(arrays.keySet()), file.names());
      assertEquals("" + round, file.metadata().get("round"));
      for (String name : file.names()) {
        assertArray(file.read(name), arrays.get(name).shape(), arrays.get(name).values());
      }
    }
  }

  @Test
  void readsBackAnArrayOfSeveralChunks() throws IOException {
    float[] values = new float[(1 << 18) + 12345];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path path = folder.resolve("large.safetensors");
    WeightFile.Array array = new WeightFile.Array(new int[] {values.length}, values);
    WeightFile.write(path, Map.of("a", array), Map.of());
    assertArray(WeightFile.open(path).read("a"), array.shape(), values);
  }

  @Test
  void writesTheSameInEveryLanguage() throws IOException {
    Map<String, WeightFile.Array> arrays =
        Map.of("a\u0001", new WeightFile.Array(new int[] {12}, new float[12]));
    Path english = folder.resolve("english");
    Path arabic = folder.resolve("arabic");
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.ENGLISH);
      WeightFile.write(english, arrays, Map.of());
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      WeightFile.write(arabic, arrays, Map.of());
    } finally {
      Locale.setDefault(before);
    }
    assertEquals(-1, Files.mismatch(english, arabic));
  }

  @Test
  void readsAnArrayThatBeginsBeyondTwoGibibytes() throws IOException {
    Path path = folder.resolve("sparse.safetensors");
    long begin = 3L << 30;
    String header =
        String.format(
            Locale.ROOT,
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[402653184],\"data_offsets\":[0,%1$d]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[402653184],\"data_offsets\":[%1$d,%2$d]},"
                + "\"c\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%2$d,%3$d]}}",
            begin / 2,
            begin,
            begin + 8);
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      file.write(WeightHeader.littleEndian(8).putLong(text.length).flip());
      file.write(ByteBuffer.wrap(text));
      file.write(
          WeightHeader.littleEndian(8).putFloat(5).putFloat(6).flip(), 8 + text.length + begin);
    }
    assertArray(WeightFile.open(path).read("c"), new int[] {2}, 5, 6);
    Files.delete(path);
  }

  @Test
  void refusesToMixTwoFiles() throws IOException {
    Path path = folder.resolve("a");
    write(path, 1, 1);
    WeightFile opened = WeightFile.open(path);
    write(path, 2, 2);
    IOException e = assertThrows(IOException.class, () -> opened.read("a"));
    assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    assertTrue(e.getMessage().contains("was changed"), e.getMessage());
    assertArray(WeightFile.open(path).read("a"), new int[] {2}, 2, 2);
    Files.delete(path);
    IOException gone = assertThrows(IOException.class, () -> opened.read("a"));
    assertTrue(gone.getMessage().contains(path + " cannot be read"), gone.getMessage());
  }

  @Test
  void aFailureInMidWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = folder.resolve("a.safetensors");
    write(path, 1, 2);
    Map<String, int[]> shapes = new LinkedHashMap<>();
    shapes.put("a", new int[] {100_000});
    shapes.put("b", new int[] {1});
    WeightFile.Contents failsAtTheSecond =
        name -> {
          if (name.equals("b")) {
            throw new IllegalStateException("the device is gone");
          }
          return new float[100_000];
        };
    assertThrows(
        IllegalStateException.class,
        () -> WeightFile.write(path, shapes, failsAtTheSecond, Map.of()));
    assertOnly(path);
    assertArray(WeightFile.open(path).read("a"), new int[] {2}, 1, 2);
    assertThrows(
        IllegalStateException.class,
        () -> WeightFile.write(path, shapes, name -> new float[7], Map.of()));
    assertOnly(path);
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full here");
    Path path = folder.resolve("a.safetensors");
    write(path, 1, 2);
    assertThrows(
        IOException.class,
        () ->
            WholeFile.write(
                path,
                file -> {
                  file.write(ByteBuffer.allocate(1000));
                  try (FileChannel device = FileChannel.open(full, StandardOpenOption.WRITE)) {
                    device.write(ByteBuffer.allocate(1000));
                  }
                }));
    assertOnly(path);
    assertArray(WeightFile.open(path).read("a"), new int[] {2}, 1, 2);
  }

  @Test
  void writesOnlyWhereAFileCanBe() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("directory"));
    assertWriteFails(directory, "is a folder");
    assertWriteFails(folder.resolve("missing/a"), "there is no folder");
    Path file = folder.resolve("file");
    write(file, 1, 1);
    assertWriteFails(file.resolve("a"), "there is no folder");
    assertWriteFails(folder.getRoot(), "is a folder");
    assertWriteFails(Path.of(""), "is a folder");
    Path kernels = Path.of("/proc/self");
    if (Files.isDirectory(kernels)) {
      assertWriteFails(kernels.resolve("weights"), "cannot be written");
    }
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void othersCanReadAFileAsTheyCanAnyOther() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path path = folder.resolve("a");
    write(path, 1, 1);
    var usual = Files.getPosixFilePermissions(Files.createFile(folder.resolve("usual")));
    assertEquals(usual, Files.getPosixFilePermissions(path));
    assertTrue(usual.contains(PosixFilePermission.OWNER_READ));
  }

  @Test
  void writesAFileInTheWorkingDirectory() throws IOException {
    Path path = Path.of("weights-of-a-test.safetensors");
    try {
      write(path, 1, 2);
      assertArray(WeightFile.open(path).read("a"), new int[] {2}, 1, 2);
    } finally {
      Files.deleteIfExists(path);
    }
  }

  @Test
  void refusesArgumentsThatMakeNoFile() {
    Path path = folder.resolve("a");
    WeightFile.Array one = new WeightFile.Array(new int[] {1}, new float[1]);
    Map<String, WeightFile.Array> noArray = new LinkedHashMap<>();
    noArray.put("a", null);
    Map<String, WeightFile.Array> noName = new LinkedHashMap<>();
    noName.put(null, one);
    Map<String, String> noNote = new LinkedHashMap<>();
    noNote.put("a", null);
    refused("path", () -> WeightFile.write(null, Map.of("a", one), Map.of()));
    refused("path", () -> WeightFile.open(null));
    refused("arrays", () -> WeightFile.write(path, (Map<String, WeightFile.Array>) null, Map.of()));
    refused("\"a\" is null", () -> WeightFile.write(path, noArray, Map.of()));
    refused("null", () -> WeightFile.write(path, noName, Map.of()));
    refused("null", () -> WeightFile.write(path, Map.of("a", one), noNote));
    refused("metadata", () -> WeightFile.write(path, Map.of("a", one), null));
    refused("__metadata__", () -> WeightFile.write(path, Map.of("__metadata__", one), Map.of()));
    String long1 = "x".repeat(WeightHeader.LARGEST_BYTES);
    refused("at most", () -> WeightFile.write(path, Map.of(long1, one), Map.of()));
    assertFalse(Files.exists(path));
    refused("shape", () -> new WeightFile.Array(null, new float[1]));
    refused("values", () -> new WeightFile.Array(new int[1], null));
    refused("negative", () -> new WeightFile.Array(new int[] {-1, -1}, new float[1]));
    refused("do not make", () -> new WeightFile.Array(new int[] {2}, new float[1]));
    refused("too many", () -> new WeightFile.Array(new int[] {1 << 16, 1 << 16, 1}, new float[0]));
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static void assertWriteFails(Path path, String reason) {
    IOException e = assertThrows(IOException.class, () -> write(path, 1, 2));
    assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private void assertOnly(Path path) throws IOException {
    try (var files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  private static void write(Path path, float... values) throws IOException {
    WeightFile.write(
        path, Map.of("a", new WeightFile.Array(new int[] {values.length}, values)), Map.of());
  }

  private static void assertArray(WeightFile.Array array, int[] shape, float... values) {
    assertArrayEquals(shape, array.shape());
    assertArrayEquals(bits(values), bits(array.values()));
  }

  /** NaN has many bit patterns, and each is kept. */
  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
