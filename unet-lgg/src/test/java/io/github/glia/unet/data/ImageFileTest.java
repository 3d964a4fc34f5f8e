package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFileTest {
  private static final int[][] TWO_BY_TWO = {
    {256, 2}, {257, 2}, {258, 8}, {259, 1}, {262, 1}, {273, 8}, {277, 1}, {278, 2}, {279, 4}
  };

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"a.tif", "a.TIFF", "a.png"})
  void readsGreyAndRgbOf8And16Bits(String name) throws IOException {
    TestFiles.Shade shade = (x, y) -> 20 * x + y;
    Pixels grey = ImageFile.read(TestFiles.grey(folder.resolve(name), 6, shade));
    assertEquals("6×6×1", grey.size());
    assertEquals(255, grey.white());
    assertEquals(20 * 5 + 3, grey.values()[3 * 6 + 5]);

    Pixels rgb = ImageFile.read(TestFiles.rgb(folder.resolve(name), 6, shade));
    assertEquals("6×6×3", rgb.size());
    assertEquals(20 * 5 + 3, rgb.values()[(3 * 6 + 5) * 3 + 2]);

    Path deep = folder.resolve(name);
    Pixels sixteen =
        ImageFile.read(
            TestFiles.image(deep, BufferedImage.TYPE_USHORT_GRAY, 5, 4, (x, y) -> 12_000 * x + y));
    assertEquals("5×4×1", sixteen.size());
    assertEquals(65535, sixteen.white());
    assertEquals(12_000 * 4 + 3, sixteen.values()[3 * 5 + 4]);
  }

  @Test
  void readsJpeg() throws IOException {
    Pixels pixels = ImageFile.read(TestFiles.grey(folder.resolve("a.jpg"), 16, (x, y) -> 100));
    assertEquals("16×16×1", pixels.size());
    assertEquals(100, pixels.values()[17], 2);
  }

  @Test
  void leavesOutAnAlphaChannel() throws IOException {
    Path file = folder.resolve("a.png");
    TestFiles.image(file, BufferedImage.TYPE_4BYTE_ABGR, 4, 4, (x, y) -> 50 + x);
    Pixels pixels = ImageFile.read(file);
    assertEquals("4×4×3", pixels.size());
    assertArrayEquals(new float[] {53, 53, 53}, Arrays.copyOfRange(pixels.values(), 9, 12));
  }

  @Test
  void readsASmallTiffByHand() throws IOException {
    Pixels pixels = ImageFile.read(write(TestFiles.tiff(TWO_BY_TWO, new byte[] {1, 2, 3, -1})));
    assertArrayEquals(new float[] {1, 2, 3, 255}, pixels.values());
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "1, 2, true", "3, 2, false", "3, 3, true", "3, 9, false"})
  void readsStripsAsTheDecoderDoes(int samples, int rows, boolean filledUp) throws IOException {
    byte[] pixels = new byte[4 * 5 * samples];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (67 * i);
    }
    byte[] plain = strips(samples, rows, filledUp, pixels, 0);
    byte[] decoded = strips(samples, rows, filledUp, pixels, 266); // the order of bits, as usual
    assertTrue(isPlain(plain));
    assertFalse(isPlain(decoded));
    Pixels ours = ImageFile.read(write(plain));
    Pixels theirs = ImageFile.read(write(decoded));
    assertEquals("4×5×" + samples, ours.size());
    for (int i = 0; i < pixels.length; i++) {
      assertEquals(pixels[i] & 0xff, ours.at(i));
    }
    assertEquals(theirs.size(), ours.size());
    assertEquals(theirs.white(), ours.white());
    assertArrayEquals(theirs.values(), ours.values());
  }

  @ParameterizedTest
  @CsvSource({"258, 16", "259, 5", "262, 0", "277, 2", "278, 1", "279, 3", "284, 2", "339, 3"})
  void leavesToTheDecoderWhatIsNotPlain(int tag, int value) throws IOException {
    int[][] plain = Arrays.copyOf(TWO_BY_TWO, 11);
    plain[9] = new int[] {284, 1};
    plain[10] = new int[] {339, 1};
    assertTrue(isPlain(TestFiles.tiff(plain, new byte[8])));
    int[][] other = Arrays.stream(plain).map(int[]::clone).toArray(int[][]::new);
    Arrays.stream(other).filter(each -> each[0] == tag).forEach(each -> each[1] = value);
    assertFalse(isPlain(TestFiles.tiff(other, new byte[8])));
  }

  private static boolean isPlain(byte[] tiff) throws IOException {
    byte[] bytes = tiff.clone();
    return PlainTiff.read(TiffDirectory.checked(bytes, ImageFile.LIMIT), bytes).isPresent();
  }

  /** A TIFF of 4×5 pixels in strips; the last may be filled up to as many rows as the others. */
  private static byte[] strips(
      int samples, int rows, boolean filledUp, byte[] pixels, int furtherTag) {
    int rowBytes = 4 * samples;
    int strips = (5 + rows - 1) / rows;
    int[] offsets = new int[strips];
    int[] counts = new int[strips];
    int bits = 8 + strips * rows * rowBytes;
    for (int i = 0; i < strips; i++) {
      int used = Math.min(rows, 5 - i * rows);
      offsets[i] = 8 + i * rows * rowBytes;
      counts[i] = (filledUp ? rows : used) * rowBytes;
    }
    ByteBuffer file = ByteBuffer.allocate(bits + 300).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42);
    file.position(8).put(pixels).position(bits);
    int[] eights = new int[samples];
    Arrays.fill(eights, 8);
    int bitsAt = list(file, eights);
    int offsetsAt = list(file, offsets);
    int countsAt = list(file, counts);
    file.putInt(4, file.position());
    file.putShort((short) (furtherTag == 0 ? 9 : 10));
    int[][] tags = {
      {256, 1, 4},
      {257, 1, 5},
      {258, samples, bitsAt},
      {259, 1, 1},
      {262, 1, samples == 1 ? 1 : 2},
      {furtherTag, 1, 1},
      {273, strips, offsetsAt},
      {277, 1, samples},
      {278, 1, rows},
      {279, strips, countsAt}
    };
    for (int[] tag : tags) {
      if (tag[0] > 0) {
        file.putShort((short) tag[0]).putShort((short) 4).putInt(tag[1]).putInt(tag[2]);
      }
    }
    return file.array();
  }

  /** Writes values; says where they are or, of one, what it is. */
  private static int list(ByteBuffer file, int... values) {
    int at = file.position();
    for (int value : values) {
      file.putInt(value);
    }
    return values.length == 1 ? values[0] : at;
  }

  @Test
  void readsRealNumbersOfATiffAsTheyAre() throws IOException {
    float[] values = {-5.5f, 0, 1000.25f, 3e9f};
    Pixels pixels = ImageFile.read(write(realTiff(32, 1, values)));
    assertArrayEquals(values, pixels.values());
    assertTrue(Float.isNaN(pixels.white()));
    refuses(write(realTiff(32, 1, new float[] {1, 2, Float.NaN, 3})), "sample NaN");
    refuses(write(realTiff(64, 1, new float[8])), "real numbers of 64 bits; expected 32");
    refuses(write(realTiff(32, 0, values)), "0 for white");
  }

  /** Two by two real numbers; photometric 1 has 0 for black. */
  private static byte[] realTiff(int bits, int photometric, float[] values) {
    ByteBuffer strip = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    strip.asFloatBuffer().put(values);
    int[][] tags = {
      {256, 2},
      {257, 2},
      {258, bits},
      {259, 1},
      {262, photometric},
      {273, 8},
      {277, 1},
      {278, 2},
      {279, strip.capacity()},
      {339, 3}
    };
    return TestFiles.tiff(tags, strip.array());
  }

  @ParameterizedTest
  @CsvSource({
    "256, 60000000, declares",
    "257, 2000000000, declares",
    "256, 0, width is 0",
    "277, 65535, samples per pixel is 65535",
    "258, 99, bits per sample is 99",
    "273, 4000, truncated or damaged",
    "279, 2000000000, truncated or damaged",
  })
  void refusesWhatATiffDeclaresBeforeItIsAllocated(int tag, int value, String message)
      throws IOException {
    refuses(write(TestFiles.tiff(with(tag, value), new byte[4])), message);
  }

  @Test
  void refusesTilesThatAreFarLargerThanTheImage() throws IOException {
    int[][] tags = {
      {256, 2},
      {257, 2},
      {258, 8},
      {259, 1},
      {262, 1},
      {277, 1},
      {322, 1 << 20},
      {323, 1 << 20},
      {324, 8},
      {325, 4}
    };
    refuses(write(TestFiles.tiff(tags, new byte[4])), "declares 1048576×1048576 pixels");
  }

  @Test
  void refusesAJpegInATiffThatIsFarLargerThanTheImage() throws IOException {
    byte[] jpeg = {
      -1,
      (byte) 0xd8,
      -1,
      (byte) 0xc2,
      0,
      11,
      8,
      (byte) 0xff,
      (byte) 0xff,
      (byte) 0xff,
      (byte) 0xff,
      1,
      0,
      0,
      0,
      0
    };
    int[][] tags = with(259, 7);
    tags[8][1] = jpeg.length;
    refuses(write(TestFiles.tiff(tags, jpeg)), "JPEG parts decode to");
  }

  @Test
  void refusesAPngThatDeclaresGigabytes() throws IOException {
    byte[] png = Files.readAllBytes(TestFiles.grey(folder.resolve("a.png"), 4, (x, y) -> 9));
    png[17] = 1; // of the four bytes of the width, the second
    png[21] = 1;
    var checksum = new java.util.zip.CRC32();
    checksum.update(png, 12, 17);
    for (int i = 0; i < 4; i++) {
      png[29 + i] = (byte) (checksum.getValue() >> (24 - 8 * i));
    }
    refuses(write(png), "MiB of decoded pixels");
  }

  @Test
  void readsATiffWhoseDirectoriesGoInCircles() throws IOException {
    byte[] tiff = TestFiles.tiff(TWO_BY_TWO, new byte[] {1, 2, 3, 4});
    tiff[tiff.length - 4] = 12;
    assertEquals(4, ImageFile.read(write(tiff)).values()[3]);
  }

  @Test
  void refusesSignedBytesRatherThanMisreadThem() throws IOException {
    int[][] tags = Arrays.copyOf(TWO_BY_TWO, 10);
    tags[9] = new int[] {339, 2};
    refuses(write(TestFiles.tiff(tags, new byte[4])), "signed");
  }

  @Test
  void recognisesACopyAsText() throws IOException {
    Path original = TestFiles.grey(folder.resolve("a.tif"), 32, (x, y) -> 8 * x);
    byte[] bytes = Files.readAllBytes(original);
    String text = new String(bytes, StandardCharsets.UTF_8);
    refuses(write(text.getBytes(StandardCharsets.UTF_8)), "copy as text");

    Path lines = TestFiles.grey(folder.resolve("b.tif"), 32, (x, y) -> x % 2 == 0 ? 10 : 200);
    String latin = Files.readString(lines, StandardCharsets.ISO_8859_1).replace("\n", "\r\n");
    refuses(write(latin.getBytes(StandardCharsets.ISO_8859_1)), "copy as text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tif", "a.png", "a.jpg"})
  void refusesATruncatedFile(String name) throws IOException {
    byte[] whole =
        Files.readAllBytes(TestFiles.grey(folder.resolve(name), 64, (x, y) -> (x * y) & 255));
    refuses(write(Arrays.copyOf(whole, whole.length / 2)), "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.tif", "a.png", "a.jpg"})
  void answersToAnyDamageWithAnImageOrAnErrorThatNamesTheFile(String name) throws IOException {
    byte[] whole =
        Files.readAllBytes(TestFiles.rgb(folder.resolve(name), 24, (x, y) -> (7 * x * y) & 255));
    Philox random = new Philox(11, name.hashCode());
    for (int round = 0; round < 300; round++) {
      byte[] damaged = whole.clone();
      for (int i = 0; i < 1 + random.nextInt(6); i++) {
        // The directory of these TIFFs and the headers of the others lie in the first 300 bytes.
        int reach = random.nextInt(2) == 0 ? Math.min(300, damaged.length) : damaged.length;
        damaged[random.nextInt(reach)] = (byte) random.nextInt();
      }
      Path file = write(damaged);
      assertTimeout(
          Duration.ofSeconds(60),
          () -> {
            try {
              Pixels pixels = ImageFile.read(file);
              assertTrue(pixels.values().length > 0);
            } catch (IOException refused) {
              assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
            }
          });
    }
  }

  @Test
  void refusesWhatIsNoImage() throws IOException {
    refuses(write(new byte[0]), "is empty");
    refuses(write("hello".getBytes(StandardCharsets.UTF_8)), "not a TIFF, PNG or JPEG");
    refuses(folder.resolve("none.tif"), "no such file");
    refuses(folder, "is not a file");
  }

  private static int[][] with(int tag, int value) {
    int[][] tags = new int[TWO_BY_TWO.length][];
    for (int i = 0; i < tags.length; i++) {
      tags[i] = TWO_BY_TWO[i].clone();
      if (tags[i][0] == tag) {
        tags[i][1] = value;
      }
    }
    return tags;
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("written.tif"), bytes);
  }

  private static void refuses(Path file, String message) {
    IOException refused = assertThrows(IOException.class, () -> ImageFile.read(file));
    assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}
