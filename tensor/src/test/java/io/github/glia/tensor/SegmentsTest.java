package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SegmentsTest {
  private static final long MIB = 1 << 20;

  private final TestDriver driver = new TestDriver("test");
  private final Segments segments = new Segments(driver);

  @Test
  void smallRequestsShareASegment() {
    Range first = segments.take(1);
    Range second = segments.take(1000);
    assertEquals(256, first.size);
    assertEquals(1024, second.size);
    assertEquals(first.address + 256, second.address);
    assertEquals(16 * MIB, segments.bytes());
    assertEquals(1, driver.allocateCalls());
  }

  @Test
  void aLargeRequestHasASegmentOfItsSize() {
    segments.take(30 * MIB + 1);
    assertEquals(32 * MIB, segments.bytes());
  }

  @Test
  void theSmallestRangeThatFitsIsTaken() {
    Range large = segments.take(5 * MIB);
    segments.take(256);
    Range small = segments.take(3 * MIB);
    segments.take(8 * MIB - 256);
    segments.giveBack(large);
    segments.giveBack(small);
    assertEquals(small.address, segments.take(2 * MIB).address);
    assertEquals(large.address, segments.take(4 * MIB).address);
    assertEquals(16 * MIB, segments.bytes());
  }

  @Test
  void freedNeighboursAreJoinedInAnyOrder() {
    int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int[] order : orders) {
      List<Range> ranges = new ArrayList<>();
      for (long size : new long[] {5, 5, 6}) {
        ranges.add(segments.take(size * MIB));
      }
      for (int i : order) {
        segments.giveBack(ranges.get(i));
      }
      Range whole = segments.take(16 * MIB);
      assertTrue(whole.isWholeSegment());
      segments.giveBack(whole);
    }
    assertEquals(1, driver.allocateCalls());
  }

  @Test
  void segmentsAreNotJoined() {
    Range first = segments.take(16 * MIB);
    Range second = segments.take(16 * MIB);
    segments.giveBack(first);
    segments.giveBack(second);
    segments.take(17 * MIB);
    assertEquals(3, driver.allocateCalls());
  }

  @Test
  void trimFreesWhatIsWhollyFree() {
    Range first = segments.take(16 * MIB);
    Range second = segments.take(20 * MIB);
    segments.giveBack(second);
    segments.trim();
    assertEquals(16 * MIB, segments.bytes());
    segments.giveBack(first);
    Range part = segments.take(256);
    segments.trim();
    assertEquals(16 * MIB, segments.bytes());
    segments.giveBack(part);
    segments.trim();
    assertEquals(0, segments.bytes());
    assertEquals(0, driver.allocatedBytes());
  }

  @Test
  void whenMemoryIsShortASegmentIsNoLargerThanNeeded() {
    driver.limit(10 * MIB);
    segments.take(9 * MIB);
    segments.take(MIB);
    assertEquals(10 * MIB, segments.bytes());
    Refused.as(OutOfDeviceMemoryException.class, "used up", () -> segments.take(1));
  }

  @Test
  void whenMemoryIsShortFreeSegmentsAreGivenBack() {
    driver.limit(40 * MIB);
    Range first = segments.take(20 * MIB);
    Range second = segments.take(20 * MIB);
    segments.giveBack(first);
    segments.giveBack(second);
    segments.take(30 * MIB);
    assertEquals(30 * MIB, segments.bytes());
  }

  @Test
  void sizesBeyondAllReason() {
    for (long bytes : new long[] {Long.MAX_VALUE, 1L << 62, 1L << 60, 1L << 40}) {
      assertEquals(0, segments.bytes());
      Refused.as(OutOfDeviceMemoryException.class, "", () -> segments.take(bytes));
    }
  }

  @RepeatedTest(20)
  void rangesNeverOverlapAndAllComesBack(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Range> taken = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      if (random.nextInt(100) < (i < 600 ? 60 : 45) || taken.isEmpty()) {
        int wanted = 1 + random.nextInt(1 << (1 + random.nextInt(20)));
        Range range = segments.take(wanted);
        assertTrue(range.size >= wanted && range.size < wanted + 256);
        assertEquals(0, range.address % 64);
        assertTrue(driver.holds(range.address, range.size));
        for (Range other : taken) {
          assertTrue(
              range.address + range.size <= other.address
                  || other.address + other.size <= range.address);
        }
        taken.add(range);
      } else {
        segments.giveBack(taken.remove(random.nextInt(taken.size())));
      }
      if (i % 250 == 0) {
        segments.trim();
        assertEquals(driver.allocatedBytes(), segments.bytes());
      }
    }
    taken.forEach(segments::giveBack);
    segments.trim();
    assertEquals(0, segments.bytes());
    assertEquals(0, driver.allocatedBytes());
  }
}
