package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.Batches.Batch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchesTest {
  private static final int SIZE = 16;

  private static List<Slice> scattered(int count) {
    return IntStream.range(0, count).mapToObj(i -> TestSlices.scattered(SIZE, 3, i)).toList();
  }

  private static List<Batch> take(Batches batches, int count) {
    List<Batch> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(batches.next());
    }
    return taken;
  }

  private static void assertAlike(List<Batch> expected, List<Batch> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).epoch(), actual.get(i).epoch());
      assertEquals(expected.get(i).index(), actual.get(i).index());
      assertArrayEquals(expected.get(i).images(), actual.get(i).images());
      assertArrayEquals(expected.get(i).masks(), actual.get(i).masks());
    }
  }

  private static Batches augmented(int threads, int patch) {
    return new Batches(
        scattered(11), Sampling.NATURAL, Augmentation.standard(), 4, patch, 9, threads);
  }

  /** The number is what the first version of the augmentation made: seeds keep their meaning. */
  @Test
  void aSeedMakesTheSamplesThatItAlwaysMade() {
    Philox random = new Philox(5, 6);
    byte[] image = new byte[40 * 40 * 3];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) random.nextInt();
    }
    byte[] mask = new byte[40 * 40];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) random.nextInt(2);
    }
    Slice slice = new Slice("p", 1, Path.of("p_1"), 40, 40, 3, image, mask);
    int hash = 0;
    for (int patch : new int[] {0, 17}) {
      try (Batches batches =
          new Batches(
              List.of(slice, slice, slice, slice),
              Sampling.NATURAL,
              Augmentation.strong(),
              4,
              patch,
              3,
              1)) {
        Batch batch = batches.next();
        hash = 31 * hash + Arrays.hashCode(batch.images());
        float[] masks = new float[batch.masks().length];
        for (int i = 0; i < masks.length; i++) {
          masks[i] = batch.masks()[i];
        }
        hash = 31 * hash + Arrays.hashCode(masks);
      }
    }
    assertEquals(-572271901, hash);
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    for (int patch : new int[] {0, 8}) {
      try (Batches one = augmented(1, patch);
          Batches two = augmented(2, patch);
          Batches four = augmented(4, patch)) {
        List<Batch> expected = take(one, 20);
        assertAlike(expected, take(two, 20));
        assertAlike(expected, take(four, 20));
      }
    }
  }

  @Test
  void anEpochShowsEverySliceOnce() {
    try (Batches batches =
        new Batches(
            TestSlices.numbered(10, 3, 2), Sampling.NATURAL, Augmentation.none(), 4, 0, 1, 2)) {
      assertEquals(3, batches.batchesPerEpoch());
      for (long epoch = 0; epoch < 3; epoch++) {
        List<Integer> seen = new ArrayList<>();
        for (Batch batch : take(batches, 3)) {
          assertEquals(epoch, batch.epoch());
          assertEquals(batch.index() == 2 ? 2 : 4, batch.count());
          assertEquals(batch.count() * 4, batch.images().length);
          for (int i = 0; i < batch.count(); i++) {
            int number = Math.round(batch.images()[i * 4] * 255);
            assertEquals(number < 3 ? 1 : 0, batch.masks()[i * 4], "mask of another slice");
            seen.add(number);
          }
        }
        seen.sort(null);
        assertEquals(IntStream.range(0, 10).boxed().toList(), seen);
      }
    }
  }

  @Test
  void theSameSliceIsChangedDifferentlyEachTime() {
    List<Slice> one = List.of(TestSlices.disc(SIZE, 1));
    try (Batches batches =
        new Batches(one, Sampling.NATURAL, Augmentation.standard(), 1, 0, 1, 1)) {
      assertFalse(Arrays.equals(batches.next().images(), batches.next().images()));
    }
  }

  @Test
  void seekingGoesOnAsIfItHadNeverStopped() {
    try (Batches straight = augmented(2, 0);
        Batches resumed = augmented(3, 0)) {
      List<Batch> all = take(straight, 12);
      resumed.seek(2, 1);
      assertAlike(all.subList(7, 12), take(resumed, 5));
      resumed.seek(0, 2);
      assertAlike(all.subList(2, 12), take(resumed, 10));
      assertThrows(IllegalArgumentException.class, () -> resumed.seek(0, 3));
      assertThrows(IllegalArgumentException.class, () -> resumed.seek(-1, 0));
    }
  }

  @Test
  void releasedArraysAreUsedAgainAndHoldTheSame() {
    try (Batches keeping = augmented(1, 0);
        Batches releasing = augmented(1, 0)) {
      boolean reused = false;
      List<float[]> released = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        Batch batch = releasing.next();
        assertAlike(List.of(keeping.next()), List.of(batch));
        reused |= released.stream().anyMatch(images -> images == batch.images());
        released.add(batch.images());
        releasing.release(batch);
      }
      assertTrue(reused, "no array was used again");
    }
  }

  @Test
  void patchesOfPositiveSlicesShowTumour() {
    List<Slice> slices = TestSlices.numbered(20, 10, SIZE); // with one pixel, in the corner
    Sampling always = new Sampling(0.5, 1);
    try (Batches batches = new Batches(slices, always, Augmentation.none(), 20, 4, 1, 1)) {
      Batch batch = batches.next();
      int withTumour = 0;
      for (int i = 0; i < 20; i++) {
        withTumour += batch.masks()[i * 16] > 0 ? 1 : 0;
      }
      assertEquals(4, batch.height());
      assertEquals(10, withTumour);
    }
  }

  @Test
  void patchesOtherwiseLieAnywhere() {
    Slice slice = TestSlices.scattered(SIZE, 1, 0);
    try (Batches batches =
        new Batches(List.of(slice), Sampling.NATURAL, Augmentation.none(), 1, 13, 1, 1)) {
      boolean[] corners = new boolean[16];
      for (Batch batch : take(batches, 400)) {
        corners[cornerOf(batch, slice)] = true;
      }
      for (boolean seen : corners) {
        assertTrue(seen, "a corner was never taken in 400 patches");
      }
    }
  }

  /** Which of the 16 places the patch was cut from. */
  private static int cornerOf(Batch batch, Slice slice) {
    for (int corner = 0; corner < 16; corner++) {
      boolean same = true;
      for (int i = 0; i < 13 * 13; i++) {
        int pixel = (corner / 4 + i / 13) * SIZE + corner % 4 + i % 13;
        same &= batch.images()[i] == (slice.image()[pixel] & 255) / 255f;
      }
      if (same) {
        return corner;
      }
    }
    throw new AssertionError("the patch is no part of the slice");
  }

  @Test
  void closingInMidEpochStopsTheThreads() {
    long before = threads();
    Batches batches = augmented(3, 0);
    batches.next();
    assertEquals(before + 3, threads());
    batches.close();
    assertEquals(before, threads());
    assertThrows(IllegalStateException.class, batches::next);
    batches.close();
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("glia-batches"))
        .count();
  }

  @Test
  void errorsOfWorkersReachTheCallerInTheirPlace() {
    RuntimeException cause = new RuntimeException("no such pixel");
    BatchQueue.Maker maker =
        number -> {
          if (number == 2) {
            throw cause;
          }
          return new Batch(1, 1, 1, 1, new float[1], new byte[1], 0, (int) number);
        };
    try (BatchQueue queue = new BatchQueue(maker, 3)) {
      assertEquals(0, queue.next().index());
      assertEquals(1, queue.next().index());
      for (int attempt = 0; attempt < 2; attempt++) {
        var error = assertThrows(IllegalStateException.class, queue::next);
        assertSame(cause, error.getCause());
        assertTrue(error.getMessage().contains("batch 2"), error.getMessage());
      }
      queue.seek(3);
      assertEquals(3, queue.next().index());
    }
  }

  @Test
  void workersStayAFewBatchesAhead() throws InterruptedException {
    List<Long> made = new ArrayList<>();
    BatchQueue.Maker maker =
        number -> {
          synchronized (made) {
            made.add(number);
          }
          return new Batch(1, 1, 1, 1, new float[1], new byte[1], 0, (int) number);
        };
    try (BatchQueue queue = new BatchQueue(maker, 2)) {
      queue.next();
      Thread.sleep(100);
      synchronized (made) {
        assertEquals(4, made.size()); // one taken, and three ahead
      }
    }
  }

  @Test
  void anInterruptedCallerIsLetGo() {
    Thread.currentThread().interrupt();
    try (BatchQueue queue =
        new BatchQueue(
            number -> {
              throw new AssertionError("not waited for");
            },
            1)) {
      queue.seek(1);
      assertThrows(IllegalStateException.class, queue::next);
    }
    assertTrue(Thread.interrupted(), "the interrupt was lost");
  }

  @Test
  void waitingIsCounted() {
    BatchQueue.Maker slow =
        number -> {
          try {
            Thread.sleep(30);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return new Batch(1, 1, 1, 1, new float[1], new byte[1], 0, 0);
        };
    try (BatchQueue queue = new BatchQueue(slow, 1)) {
      queue.next();
      queue.next();
      assertNotEquals(0, queue.secondsWaited());
      assertTrue(queue.secondsWaited() < 30, queue.secondsWaited() + " s");
      assertTrue(queue.secondsWaited() > 0.02, queue.secondsWaited() + " s");
    }
  }

  @Test
  void whatCannotBeBatchedIsRefused() {
    Slice small = TestSlices.scattered(8, 3, 0);
    Slice large = TestSlices.scattered(SIZE, 3, 0);
    Slice grey = TestSlices.scattered(SIZE, 1, 0);
    Slice blind =
        new Slice("b", 1, Path.of("blind.tif"), SIZE, SIZE, 3, new byte[SIZE * SIZE * 3], null);
    assertRefused("resize", List.of(large, small), 2, 0, 1);
    assertRefused("too small", List.of(large, small), 2, 9, 1);
    assertRefused("channels", List.of(large, grey), 2, 0, 1);
    assertRefused("no mask", List.of(large, blind), 2, 0, 1);
    assertRefused("no slices", List.of(), 2, 0, 1);
    assertRefused("batch size", List.of(large), 0, 0, 1);
    assertRefused("patch", List.of(large), 2, -1, 1);
    assertRefused("threads", List.of(large), 2, 0, 0);
  }

  private static void assertRefused(
      String expected, List<Slice> slices, int batch, int patch, int threads) {
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Batches(
                    slices, Sampling.NATURAL, Augmentation.none(), batch, patch, 1, threads));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
  }
}
