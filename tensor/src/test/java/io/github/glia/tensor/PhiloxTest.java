package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  private static final int MANY = 1 << 20;

  /** The lines "philox4x32 10" of kat_vectors in the Random123 distribution. */
  @Test
  void knownAnswers() {
    assertBlock(0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertBlock(-1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertBlock(
        0x299f31d0_a4093822L,
        0x03707344_13198a2eL,
        0x85a308d3_243f6a88L,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(long seed, long stream, long counter, int... expected) {
    int[] block = new int[4];
    Philox.block(seed, stream, counter, block);
    assertArrayEquals(expected, block);
  }

  @Test
  void aStreamIsItsBlocksInOrder() {
    Philox philox = new Philox(7, 3);
    int[] block = new int[4];
    for (int i = 0; i < 40; i++) {
      Philox.block(7, 3, i / 4, block);
      assertEquals(i, philox.position());
      assertEquals(block[i % 4], philox.nextInt());
    }
  }

  @Test
  void everyPositionCanBeReachedFromEveryOther() {
    int[] inOrder = ints(new Philox(1, 2), 100);
    Random random = new Random(1);
    Philox philox = new Philox(1, 2);
    for (int i = 0; i < 1000; i++) {
      int position = random.nextInt(inOrder.length);
      philox.seek(position);
      assertEquals(position, philox.position());
      for (int p = position; p < Math.min(inOrder.length, position + random.nextInt(9)); p++) {
        assertEquals(inOrder[p], philox.nextInt());
      }
      assertEquals(inOrder[position], new Philox(1, 2, position).nextInt());
    }
  }

  @Test
  void positionsBeyondAnInt() {
    long far = (1L << 40) + 1;
    int[] block = new int[4];
    Philox.block(5, 6, far / 4, block);
    assertEquals(block[1], new Philox(5, 6, far).nextInt());
    Philox last = new Philox(5, 6, Long.MAX_VALUE - 1);
    Philox.block(5, 6, Long.MAX_VALUE / 4, block);
    assertEquals(block[2], last.nextInt());
    assertEquals(Long.MAX_VALUE, last.position());
  }

  @Test
  void refusesANegativePosition() {
    Refused.with("position -1 is negative", () -> new Philox(1, 2, -1));
    Refused.with("position -5 is negative", () -> new Philox(1, 2).seek(-5));
  }

  @Test
  void seedsAndStreamsDiffer() {
    Set<Integer> firsts = new HashSet<>();
    for (int bit = 0; bit < 64; bit++) {
      firsts.add(new Philox(1L << bit, 0).nextInt());
      firsts.add(new Philox(0, 1L << bit).nextInt());
    }
    assertEquals(128, firsts.size());
    assertNotEquals(new Philox(1, 2).nextInt(), new Philox(2, 1).nextInt());
  }

  @Test
  void manyThreadsDrawTheSameNumbers() {
    int[] alone = ints(new Philox(9, 9), 1000);
    int[] together =
        IntStream.range(0, 1000).parallel().map(i -> new Philox(9, 9, i).nextInt()).toArray();
    assertArrayEquals(alone, together);
  }

  @Test
  void uniformIsInHalfOpenUnitInterval() {
    assertEquals(0f, Philox.toUniform(0));
    assertEquals(0f, Philox.toUniform(0xff));
    assertEquals(0x1p-24f, Philox.toUniform(0x100));
    assertEquals(0.5f, Philox.toUniform(0x8000_0000));
    assertEquals(Math.nextDown(1f), Philox.toUniform(-1));
    assertEquals(Philox.toUniform(new Philox(1, 1).nextInt()), new Philox(1, 1).nextFloat());
  }

  @Test
  void momentsOfUniform() {
    Philox philox = new Philox(1, 0);
    double[] values = new double[MANY];
    for (int i = 0; i < MANY; i++) {
      values[i] = philox.nextFloat();
      assertTrue(values[i] >= 0 && values[i] < 1);
    }
    assertEquals(MANY, philox.position());
    // The deviation of the mean of so many is 0.0003; five of them are allowed.
    assertEquals(0.5, mean(values, 1), 0.0015);
    assertEquals(1.0 / 3, mean(values, 2), 0.0015);
    assertEquals(1.0 / 4, mean(values, 3), 0.0015);
  }

  @Test
  void momentsOfGaussian() {
    Philox philox = new Philox(1, 0);
    double[] values = new double[MANY];
    for (int i = 0; i < MANY; i++) {
      values[i] = philox.nextGaussian();
    }
    assertEquals(2L * MANY, philox.position(), "each draws two numbers");
    // Five deviations of the mean of the power k: 5 sqrt((2k − 1)!! / 2^20), and less for odd k.
    assertEquals(0, mean(values, 1), 0.005);
    assertEquals(1, mean(values, 2), 0.007);
    assertEquals(0, mean(values, 3), 0.02);
    assertEquals(3, mean(values, 4), 0.05);
  }

  @Test
  void gaussianIsFiniteAndReachesFar() {
    // The smallest u that can be drawn is 2^-32, so no value is beyond sqrt(64 ln 2) = 6.66.
    float largest = 0;
    Philox philox = new Philox(2, 0);
    for (int i = 0; i < MANY; i++) {
      largest = Math.max(largest, Math.abs(philox.nextGaussian()));
    }
    assertTrue(largest > 4.5 && largest < 6.661, String.valueOf(largest));
  }

  @Test
  void boundedIntegersAreUniform() {
    Philox philox = new Philox(3, 0);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[philox.nextInt(7)]++;
    }
    for (int count : counts) {
      assertEquals(10_000, count, 500);
    }
    assertEquals(70_000, philox.position());
  }

  @Test
  void boundsOfBoundedIntegers() {
    Philox philox = new Philox(3, 0);
    for (int i = 0; i < 1000; i++) {
      assertEquals(0, philox.nextInt(1));
      assertTrue(philox.nextInt(Integer.MAX_VALUE) >= 0);
    }
    Refused.with("bound 0: expected at least 1", () -> philox.nextInt(0));
    Refused.with("bound -3: expected at least 1", () -> philox.nextInt(-3));
  }

  private static int[] ints(Philox philox, int n) {
    return IntStream.range(0, n).map(i -> philox.nextInt()).toArray();
  }

  private static double mean(double[] values, int power) {
    double sum = 0;
    for (double value : values) {
      sum += Math.pow(value, power);
    }
    return sum / values.length;
  }

  /** The lengths are below, at and above what is computed at once, the counters cross 2³². */
  @Test
  void manyBlocksAreTheSameAsOneByOne() {
    for (int count : new int[] {0, 1, 3, 511, 512, 513, 1500}) {
      for (long counter : new long[] {0, 77, 0xffff_fff0L, 1L << 40}) {
        long seed = 0x9abc_def0_8765_4321L + count;
        long stream = 0xf000_0001_8000_0002L;
        int[] all = new int[4 * count];
        Philox.blocks(seed, stream, counter, all);
        int[] one = new int[4];
        for (int i = 0; i < count; i++) {
          Philox.block(seed, stream, counter + i, one);
          assertArrayEquals(one, Arrays.copyOfRange(all, 4 * i, 4 * i + 4), "block " + i);
        }
        Philox.blocks(seed, stream, counter, 5, all);
        for (int i = 0; i < count; i++) {
          Philox.block(seed, stream, counter + 5L * i, one);
          assertArrayEquals(one, Arrays.copyOfRange(all, 4 * i, 4 * i + 4), "every fifth: " + i);
        }
      }
    }
  }

  @Test
  void blocksAreWhole() {
    assertThrows(IllegalArgumentException.class, () -> Philox.blocks(1, 2, 3, new int[6]));
  }
}
