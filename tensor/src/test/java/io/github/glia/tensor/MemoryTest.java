package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final long MIB = 1 << 20;

  private final TestDriver driver = new TestDriver("test");
  private final Memory memory = new Memory(driver);

  @Test
  void countsWhatIsInUse() {
    Memory.Block first = memory.allocate(1000);
    Memory.Block second = memory.allocate(500);
    assertTrue(first.capacity() >= 1000);
    assertEquals(1500, memory.liveBytes());
    first.release();
    assertEquals(500, memory.liveBytes());
    assertEquals(1500, memory.peakBytes());
    memory.resetPeak();
    assertEquals(500, memory.peakBytes());
    second.release();
    assertEquals(0, memory.liveBytes());
    assertEquals(500, memory.peakBytes());
  }

  @Test
  void keepsWhatIsFreedUntilItIsTrimmed() {
    Memory.Block block = memory.allocate(MIB);
    long address = block.address();
    long reserved = memory.reservedBytes();
    block.release();
    assertEquals(reserved, memory.reservedBytes());
    block = memory.allocate(MIB);
    assertEquals(address, block.address());
    memory.trim();
    assertEquals(reserved, memory.reservedBytes(), "what is in use is not trimmed");
    block.release();
    memory.trim();
    assertEquals(0, memory.reservedBytes());
    assertEquals(0, driver.allocatedBytes());
  }

  @Test
  void aPoolSharesNoAddressWithOthers() {
    memory.allocate(MIB).release();
    Memory.Pool pool = memory.pool();
    List<Memory.Block> inside = new ArrayList<>();
    pool.run(() -> inside.add(memory.allocate(MIB)));
    Memory.Block first = inside.get(0);
    first.release();
    Memory.Block outside = memory.allocate(MIB);
    assertNotEquals(first.address(), outside.address());
    pool.run(() -> inside.add(memory.allocate(MIB)));
    assertEquals(first.address(), inside.get(1).address(), "the pool reuses its own");
    pool.close();
    assertTrue(memory.reservedBytes() > 16 * MIB, "what is in use outlives its pool");
    inside.get(1).release();
    outside.release();
    memory.trim();
    assertEquals(0, memory.reservedBytes());
    assertEquals(0, driver.allocatedBytes());
  }

  @Test
  void onlyTheThreadThatRunsInAPoolTakesFromIt() throws Exception {
    Memory.Block before = memory.allocate(MIB);
    long reserved = memory.reservedBytes();
    Memory.Pool pool = memory.pool();
    ExecutorService other = Executors.newSingleThreadExecutor();
    pool.run(
        () -> {
          try {
            other.submit(() -> memory.allocate(MIB)).get().release();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    other.shutdown();
    assertEquals(reserved, memory.reservedBytes());
    before.release();
  }

  /** As where two networks are trained at the same time. */
  @Test
  void eachThreadTakesFromItsOwnPool() throws Exception {
    Memory.Pool mine = memory.pool();
    Memory.Pool others = memory.pool();
    List<Memory.Block> blocks = new ArrayList<>();
    ExecutorService other = Executors.newSingleThreadExecutor();
    Runnable ofOther = () -> others.run(() -> blocks.add(memory.allocate(MIB)));
    mine.run(
        () -> {
          try {
            other.submit(ofOther).get();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
          blocks.add(memory.allocate(MIB));
        });
    other.shutdown();
    long reserved = memory.reservedBytes();
    blocks.get(1).release();
    mine.close();
    assertEquals(reserved / 2, memory.reservedBytes());
    blocks.get(0).release();
    others.close();
    assertEquals(0, memory.reservedBytes());
  }

  @Test
  void whatIsMadeOutsidePoolsIsNotInOne() {
    Memory.Block before = memory.allocate(MIB);
    long reserved = memory.reservedBytes();
    Memory.Pool pool = memory.pool();
    List<Memory.Block> blocks = new ArrayList<>();
    pool.run(
        () -> {
          memory.outsidePools(() -> blocks.add(memory.allocate(MIB)));
          assertEquals(reserved, memory.reservedBytes());
          blocks.add(memory.allocate(MIB));
          assertTrue(memory.reservedBytes() > reserved, "the pool runs on");
        });
    blocks.get(1).release();
    pool.close();
    assertEquals(reserved, memory.reservedBytes());
    blocks.get(0).release();
    before.release();
  }

  @Test
  void poolsOfAThreadRunOneAtATimeAndNotAfterTheirEnd() {
    Memory.Pool pool = memory.pool();
    Memory.Pool second = memory.pool();
    Refused.as(
        IllegalStateException.class,
        "another pool of test is running",
        () -> pool.run(() -> second.run(() -> {})));
    pool.close();
    Refused.as(IllegalStateException.class, "the pool is closed", () -> pool.run(() -> {}));
    second.run(() -> memory.allocate(MIB).release());
    second.close();
    assertEquals(0, driver.allocatedBytes());
  }

  @Test
  void aPoolThatFindsNoMemoryTakesWhatTheOthersDoNotUse() {
    memory.allocate(30 * MIB).release();
    driver.limit(40 * MIB);
    Memory.Pool pool = memory.pool();
    pool.run(() -> memory.allocate(32 * MIB).release());
    assertEquals(32 * MIB, memory.reservedBytes());
    pool.close();
  }

  @Test
  void refusesNothing() {
    Refused.with("allocate 0 bytes: expected at least 1", () -> memory.allocate(0));
    Refused.with("allocate -1 bytes", () -> memory.allocate(-1));
  }

  @Test
  void aBlockIsReleasedOnce() {
    Memory.Block block = memory.allocate(100);
    block.release();
    Refused.as(IllegalStateException.class, "aBlockIsReleasedOnce", block::release);
  }

  @Test
  void aSecondReleaseDoesNotFreeTheNextOwner() {
    Memory.Block block = memory.allocate(100);
    block.release();
    Memory.Block next = memory.allocate(100);
    assertEquals(block.address(), next.address());
    Refused.as(IllegalStateException.class, "released twice", block::release);
    assertEquals(100, memory.liveBytes());
    assertNotEquals(next.address(), memory.allocate(100).address());
  }

  @Test
  void reportNamesTheLinesThatAllocatedTheMostFirst() {
    assertEquals("test: nothing is allocated", memory.report());
    allocateFew();
    allocateMany();
    allocateMany();
    String report = memory.report();
    assertTrue(report.startsWith(String.format("test: %,d bytes are allocated", 4010)), report);
    List<String> lines = report.lines().toList();
    assertEquals(3, lines.size(), report);
    assertTrue(lines.get(1).contains(String.format("%,d bytes by ", 4000)), report);
    assertTrue(lines.get(1).contains("MemoryTest.allocateMany(MemoryTest.java:"), report);
    assertTrue(lines.get(2).contains("10 bytes by "), report);
    assertTrue(lines.get(2).contains("MemoryTest.allocateFew(MemoryTest.java:"), report);
  }

  private void allocateFew() {
    memory.allocate(10);
  }

  private void allocateMany() {
    memory.allocate(2000);
  }

  @Test
  void outOfMemorySaysWhatWasAskedForAndWhatIsLive() {
    driver.limit(64 * MIB);
    Memory.Block large = memory.allocate(40 * MIB);
    OutOfDeviceMemoryException e =
        Refused.as(
            OutOfDeviceMemoryException.class,
            String.format("%,d bytes were asked for", 30 * MIB),
            () -> memory.allocate(30 * MIB));
    String message = e.getMessage();
    assertTrue(message.contains("test: the arrays are used up"), message);
    assertTrue(message.contains(String.format("%,d bytes are reserved", 40 * MIB)), message);
    assertTrue(message.contains(String.format("%,d bytes are allocated", 40 * MIB)), message);
    assertTrue(message.contains("MemoryTest.outOfMemorySays"), message);
    assertEquals(40 * MIB, memory.liveBytes(), "the failure changes nothing");

    Memory.Block smaller = memory.allocate(20 * MIB);
    smaller.release();
    large.release();
    assertEquals(60 * MIB, memory.allocate(60 * MIB).capacity(), "what was freed is there again");
  }

  @Test
  void whatIsNotInUseIsGivenBackForADriversOwn() {
    driver.limit(64 * MIB);
    memory.allocate(20 * MIB);
    memory.allocate(30 * MIB).release();
    long address = memory.allocateForDriver(40 * MIB);
    assertEquals(20 * MIB, memory.liveBytes(), "a driver's own is not counted");
    assertEquals(20 * MIB, memory.reservedBytes());
    OutOfDeviceMemoryException e =
        Refused.as(
            OutOfDeviceMemoryException.class,
            "test: the arrays are used up",
            () -> memory.allocateForDriver(10 * MIB));
    assertTrue(e.getMessage().contains("MemoryTest.whatIsNotInUse"), e.getMessage());
    driver.free(address);
    assertEquals(20 * MIB, driver.allocatedBytes());
  }

  @Test
  void absurdSizesAreOutOfMemoryToo() {
    Refused.as(
        OutOfDeviceMemoryException.class,
        String.format("%,d bytes were asked for", Long.MAX_VALUE),
        () -> memory.allocate(Long.MAX_VALUE));
  }

  /** Small persistent tensors between the large ones must not keep the large ones apart. */
  @Test
  void aSteadyPatternSoonReservesNothingNew() {
    unetStep(8);
    memory.allocate(100_000);
    unetStep(8);
    unetStep(5);
    int calls = driver.allocateCalls();
    for (int i = 0; i < 5; i++) {
      unetStep(8);
      unetStep(8);
      unetStep(5);
    }
    assertEquals(calls, driver.allocateCalls());
  }

  @Test
  void reservesLittleMoreThanThePeak() {
    for (int batch : new int[] {16, 16, 16, 10, 16}) {
      unetStep(batch);
    }
    assertTrue(
        memory.reservedBytes() < 1.25 * memory.peakBytes(),
        () -> memory.reservedBytes() + " reserved, peak " + memory.peakBytes());
  }

  /**
   * The sizes of a U-Net's training step at 64x64: the forward keeps two activations a convolution,
   * the backward frees them from the last to the first, with a gradient or two at a time.
   */
  private void unetStep(int batch) {
    Deque<Memory.Block> kept = new ArrayDeque<>();
    for (int level : new int[] {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0}) {
      long activation = batch * (64L >> level) * (64L >> level) * (32L << level) * 4;
      kept.push(memory.allocate(activation));
      kept.push(memory.allocate(activation));
      kept.push(memory.allocate(4L * (32L << level)));
    }
    Memory.Block gradient = memory.allocate(batch * 64L * 64 * 4);
    while (!kept.isEmpty()) {
      kept.pop().release();
      Memory.Block temporary = memory.allocate(kept.peek().capacity());
      gradient.release();
      kept.pop().release();
      Memory.Block next = memory.allocate(kept.peek().capacity());
      temporary.release();
      kept.pop().release();
      gradient = next;
    }
    gradient.release();
  }

  @Test
  void severalThreadsShareIt() throws Exception {
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        byte mark = (byte) i;
        running.add(pool.submit(() -> allocateMarkAndCheck(mark)));
      }
      for (Future<?> thread : running) {
        thread.get();
      }
    } finally {
      pool.shutdown();
    }
    assertEquals(0, memory.liveBytes());
    memory.trim();
    assertEquals(0, driver.allocatedBytes());
  }

  private void allocateMarkAndCheck(byte mark) {
    Random random = new Random(mark);
    Deque<Memory.Block> mine = new ArrayDeque<>();
    for (int i = 0; i < 3000; i++) {
      if (mine.size() < 8 && random.nextBoolean()) {
        Memory.Block block = memory.allocate(1 + random.nextInt(1 << 12));
        ByteBuffer marks = ByteBuffer.allocate((int) block.capacity());
        Arrays.fill(marks.array(), mark);
        driver.copyIn(marks, block.address());
        mine.addLast(block);
      } else if (!mine.isEmpty()) {
        checkAndRelease(mine.removeFirst(), mark);
      }
    }
    mine.forEach(block -> checkAndRelease(block, mark));
  }

  private void checkAndRelease(Memory.Block block, byte mark) {
    ByteBuffer read = ByteBuffer.allocate((int) block.capacity());
    driver.copyOut(block.address(), read);
    for (byte b : read.array()) {
      assertEquals(mark, b, "another thread wrote to this block");
    }
    block.release();
  }
}
