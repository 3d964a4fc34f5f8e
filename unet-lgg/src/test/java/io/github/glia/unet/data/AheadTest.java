package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AheadTest {
  @Test
  void handsOutInTheOrderOfTheTasksWhateverEndsFirst() {
    CountDownLatch secondIsDone = new CountDownLatch(1);
    List<Supplier<Integer>> tasks =
        List.of(
            () -> {
              await(secondIsDone);
              return 1;
            },
            () -> {
              secondIsDone.countDown();
              return 2;
            });
    try (Ahead<Integer> ahead = new Ahead<>(tasks, 2, 2)) {
      assertEquals(1, ahead.next());
      assertEquals(2, ahead.next());
      assertFalse(ahead.hasNext());
    }
  }

  @Test
  void beginsNoMoreThanItIsAllowedTo() {
    AtomicInteger begun = new AtomicInteger();
    List<Supplier<Integer>> tasks =
        IntStream.range(0, 20).<Supplier<Integer>>mapToObj(i -> begun::incrementAndGet).toList();
    List<Integer> mostAtOnce = new ArrayList<>();
    try (Ahead<Integer> ahead = new Ahead<>(tasks, 1, 3)) {
      for (int taken = 1; ahead.hasNext(); taken++) {
        ahead.next();
        mostAtOnce.add(begun.get() - taken);
      }
    }
    assertEquals(20, mostAtOnce.size());
    assertTrue(mostAtOnce.stream().allMatch(ahead -> ahead <= 2), mostAtOnce.toString());
  }

  @Test
  void throwsWhatWentWrongWhereItsResultIsDue() {
    OutOfMemoryError error = new OutOfMemoryError("for a test");
    List<Supplier<Integer>> tasks =
        List.of(
            () -> 1,
            () -> {
              throw error;
            },
            () -> {
              throw new IllegalArgumentException("wrong");
            });
    try (Ahead<Integer> ahead = new Ahead<>(tasks, 2, 3)) {
      assertEquals(1, ahead.next());
      assertSame(error, assertThrows(OutOfMemoryError.class, ahead::next));
      assertEquals("wrong", assertThrows(IllegalStateException.class, ahead::next).getMessage());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
