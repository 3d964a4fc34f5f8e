package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tried on JCuda's own library for cuBLAS, and on bytes that are none. */
class ElfNeedsTest {
  private static final String TWELVE = "libcublas.so.12";
  private static final String THIRTEEN = "libcublas.so.13";
  private static byte[] library;

  @BeforeAll
  static void read() throws IOException {
    String name = "/lib/libJCublas2-12.6.0-linux-x86_64.so";
    try (InputStream in = ElfNeedsTest.class.getResourceAsStream(name)) {
      library = in.readAllBytes();
    }
  }

  @Test
  void theHashIsThatOfTheSystemVAbi() {
    // as readelf shows them for the versions of glibc
    assertEquals(0x09691a75, ElfNeeds.hash("GLIBC_2.2.5"));
    assertEquals(0x06969194, ElfNeeds.hash("GLIBC_2.14"));
  }

  @Test
  void changesTheNameAndItsHashAndNothingElse() {
    byte[] changed = ElfNeeds.replace(library, TWELVE, THIRTEEN);
    int different = 0;
    for (int i = 0; i < library.length; i++) {
      different += library[i] == changed[i] ? 0 : 1;
    }
    // the last digit of the name; and of the hash one byte, since 12 and 13 differ in one bit
    assertEquals(2, different);
    assertEquals(library.length, changed.length);
    byte[] twelve = TWELVE.getBytes(StandardCharsets.US_ASCII);
    // those that stay are in the names that debuggers show
    assertEquals(count(library, twelve) - 1, count(changed, twelve));
    assertTrue(count(changed, hashBytes(THIRTEEN)) > 0);
    assertEquals(0, count(changed, hashBytes(TWELVE)));
  }

  private static byte[] hashBytes(String name) {
    int hash = ElfNeeds.hash(name);
    return new byte[] {(byte) hash, (byte) (hash >> 8), (byte) (hash >> 16), (byte) (hash >> 24)};
  }

  private static int count(byte[] bytes, byte[] part) {
    int count = 0;
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        count++;
      }
    }
    return count;
  }

  @Test
  void backAgainIsTheOriginal() {
    byte[] changed = ElfNeeds.replace(library, TWELVE, THIRTEEN);
    assertArrayEquals(library, ElfNeeds.replace(changed, THIRTEEN, TWELVE));
  }

  @Test
  void refusesWhatItCannotChange() {
    assertRefused("does not need libcublas.so.11", library, "libcublas.so.11", TWELVE);
    assertRefused("no room", library, TWELVE, "libcublas.so");
    assertRefused("not a library of Linux", new byte[0], TWELVE, THIRTEEN);
    assertRefused("not a library of Linux", new byte[100], TWELVE, THIRTEEN);
  }

  private static void assertRefused(String why, byte[] bytes, String needed, String wanted) {
    String said =
        assertThrows(IllegalArgumentException.class, () -> ElfNeeds.replace(bytes, needed, wanted))
            .getMessage();
    assertTrue(said.contains(why), said);
  }
}
