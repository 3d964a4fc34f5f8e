package io.github.glia.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Loops on all cores. */
class ParallelTest {
  private static final int PART = Parallel.PART;

  @Test
  void eachElementIsInOnePart() {
    for (long count : new long[] {1, PART, PART + 1, 10L * PART - 1}) {
      AtomicIntegerArray times = new AtomicIntegerArray((int) count);
      Parallel.forEachPart(
          count,
          (from, n) -> {
            assertEquals(0, from % PART);
            for (int i = 0; i < n; i++) {
              times.incrementAndGet((int) from + i);
            }
          });
      for (int i = 0; i < count; i++) {
        assertEquals(1, times.get(i), "element " + i + " of " + count);
      }
    }
  }

  @Test
  void manyShortLoopsLoseNoPart() {
    AtomicLong sum = new AtomicLong();
    for (int loop = 0; loop < 10_000; loop++) {
      Parallel.forEach(3, sum::addAndGet);
    }
    assertEquals(30_000, sum.get());
  }

  @Test
  void aLoopWithinALoopRuns() {
    AtomicLong calls = new AtomicLong();
    Parallel.forEach(8, i -> Parallel.forEach(8, j -> calls.incrementAndGet()));
    assertEquals(64, calls.get());
  }

  @Test
  void loopsOfSeveralThreadsRun() throws InterruptedException {
    AtomicLong calls = new AtomicLong();
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int loop = 0; loop < 1000; loop++) {
                  Parallel.forEach(4, j -> calls.incrementAndGet());
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(16_000, calls.get());
  }

  /** Whichever thread the part runs on, and for errors too; the next loop is as if nothing was. */
  @Test
  void whatAPartThrowsIsThrown() {
    for (int failing = 0; failing < 16; failing++) {
      int index = failing;
      RuntimeException exception = new IllegalStateException("part " + index);
      assertSame(
          exception,
          assertThrows(
              RuntimeException.class, () -> Parallel.forEach(16, fails(index, exception))));
      AssertionError error = new AssertionError("part " + index);
      assertSame(
          error,
          assertThrows(AssertionError.class, () -> Parallel.forEach(16, fails(index, error))));
      AtomicLong calls = new AtomicLong();
      Parallel.forEach(16, i -> calls.incrementAndGet());
      assertEquals(16, calls.get());
    }
  }

  private static IntConsumer fails(int index, Throwable failure) {
    return i -> {
      if (i == index && failure instanceof RuntimeException exception) {
        throw exception;
      } else if (i == index) {
        throw (Error) failure;
      }
    };
  }

  @Test
  void anInterruptedThreadEndsItsLoopAndStaysInterrupted() {
    AtomicLong calls = new AtomicLong();
    Thread.currentThread().interrupt();
    Parallel.forEach(64, i -> calls.incrementAndGet());
    assertTrue(Thread.interrupted());
    assertEquals(64, calls.get());
  }

  @Test
  void sumsAreTakenAgain() {
    Parallel.Sums sums =
        new Parallel.Sums(
            3L * PART + 5,
            2,
            (from, n, total) -> {
              total[0] += n;
              total[1] += from;
            });
    double[] expected = {3 * PART + 5, (1 + 2 + 3) * PART};
    assertArrayEquals(expected, sums.take());
    assertArrayEquals(expected, sums.take());
  }
}
