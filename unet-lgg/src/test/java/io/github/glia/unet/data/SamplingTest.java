package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {
  private static final List<Slice> SLICES = TestSlices.numbered(100, 10, 2);

  @Test
  void naturalSamplingShowsEverySliceOnce() {
    int[] order = Sampling.NATURAL.order(SLICES, 3, 0);
    int[] sorted = Arrays.stream(order).sorted().toArray();
    assertArrayEquals(IntStream.range(0, 100).toArray(), sorted);
    assertFalse(Arrays.equals(sorted, order), "not shuffled");
  }

  @Test
  void everyEpochHasItsOwnOrder() {
    for (Sampling sampling : List.of(Sampling.NATURAL, Sampling.BALANCED)) {
      int[] order = sampling.order(SLICES, 3, 4);
      assertArrayEquals(order, sampling.order(SLICES, 3, 4));
      assertFalse(Arrays.equals(order, sampling.order(SLICES, 3, 5)));
      assertFalse(Arrays.equals(order, sampling.order(SLICES, 4, 4)));
    }
  }

  @Test
  void balancedSamplingHasItsShareOfPositives() {
    for (double share : new double[] {0.05, 0.1, 0.3, 0.5, 1}) {
      int[] order = new Sampling(share, 0).order(SLICES, 3, 0);
      assertEquals(100, order.length);
      assertEquals(Math.round(100 * share), Arrays.stream(order).filter(i -> i < 10).count());
    }
  }

  @Test
  void balancedSamplingShowsPositivesEvenlyAndMixed() {
    int[] order = Sampling.BALANCED.order(SLICES, 3, 0);
    int[] shown = new int[100];
    Arrays.stream(order).forEach(i -> shown[i]++);
    for (int i = 0; i < 100; i++) {
      assertTrue(i < 10 ? shown[i] == 5 : shown[i] <= 1, "slice " + i + " shown " + shown[i]);
    }
    long early = Arrays.stream(order).limit(50).filter(i -> i < 10).count();
    assertTrue(early > 12 && early < 38, early + " of the 50 positives in the first half");
  }

  @Test
  void balancingNeedsBothKinds() {
    for (int positive : new int[] {0, 5}) {
      List<Slice> alike = TestSlices.numbered(5, positive, 2);
      var error =
          assertThrows(IllegalArgumentException.class, () -> Sampling.BALANCED.order(alike, 1, 0));
      assertTrue(error.getMessage().contains("natural"), error.getMessage());
    }
  }

  @Test
  void textIsReadAndWritten() {
    assertEquals(Sampling.NATURAL, Sampling.parse("natural"));
    assertEquals(Sampling.BALANCED, Sampling.parse("Balanced"));
    assertEquals(0.4, Sampling.parse("balanced:0.4").positiveShare());
    assertEquals(new Sampling(0.4, 0.8), Sampling.parse("balanced:0.4:0.8"));
    for (Sampling sampling : List.of(Sampling.NATURAL, Sampling.BALANCED)) {
      assertEquals(sampling, Sampling.parse(sampling.toString()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "even",
        "natural:1",
        "balanced:x",
        "balanced:0",
        "balanced:2",
        "balanced:1:1:1"
      })
  void whatCannotBeReadIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Sampling.parse(text));
  }
}
