package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.glia.tensor.Philox;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LesionsTest {
  @Test
  void partsAreThoseOfPassingTheSmallestNumberOn() {
    Philox random = new Philox(3, 0);
    for (int round = 0; round < 100; round++) {
      Mask mask = Drawn.random(random, 1 + random.nextInt(3), 7, 9, 0.1 + 0.01 * (round % 30));
      List<BitSet> parts = Components.of(mask);
      int[] numbers = passOn(mask);
      Set<Integer> distinct =
          Arrays.stream(numbers).filter(n -> n >= 0).boxed().collect(Collectors.toSet());
      assertEquals(distinct.size(), parts.size());
      BitSet all = new BitSet();
      for (BitSet part : parts) {
        assertEquals(1, part.stream().map(i -> numbers[i]).distinct().count());
        assertFalse(all.intersects(part));
        all.or(part);
      }
      assertEquals(mask.bits(), all);
    }
  }

  @Test
  void cornersConnect() {
    assertEquals(1, Components.of(Drawn.mask("#.", ".#")).size());
    assertEquals(2, Components.of(Drawn.mask("#.#")).size());
    assertEquals(0, Components.of(Drawn.mask("...")).size());
  }

  @Test
  void leftAndRightEdgeAreNotNeighbours() {
    assertEquals(2, Components.of(Drawn.mask("...#", "#...")).size());
  }

  @Test
  void foundMissedAndFalseAlarms() {
    Mask truth = Drawn.mask("##..#", "##..#", ".....", "#....");
    Mask prediction = Drawn.mask("#....", ".....", "...#.", ".....");
    // The square has one pixel, the two others none; the pixel at the bottom is of none.
    assertEquals(new Lesions(1, 2, 1), Lesions.of(truth, prediction));
    assertEquals(3, Lesions.of(truth, prediction).total());
  }

  @Test
  void lesionsGoOnFromSliceToSlice() {
    Mask truth = Mask.stack(List.of(Drawn.mask("#.."), Drawn.mask(".#."), Drawn.mask("...")));
    Mask prediction = Mask.stack(List.of(Drawn.mask("..."), Drawn.mask(".#."), Drawn.mask("..#")));
    assertEquals(new Lesions(1, 0, 0), Lesions.of(truth, prediction));
  }

  @Test
  void onePredictionMayFindTwoLesions() {
    assertEquals(new Lesions(2, 0, 0), Lesions.of(Drawn.mask("#.#"), Drawn.mask("###")));
  }

  @Test
  void nothingToFind() {
    Mask empty = Drawn.mask("...");
    assertEquals(Lesions.NONE, Lesions.of(empty, empty));
    assertEquals(new Lesions(0, 0, 2), Lesions.of(empty, Drawn.mask("#.#")));
  }

  /** Each voxel takes the smallest number around it, until nothing changes. */
  private static int[] passOn(Mask mask) {
    int[] numbers = new int[mask.depth() * mask.height() * mask.width()];
    Arrays.setAll(numbers, i -> mask.bits().get(i) ? i : -1);
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int i = 0; i < numbers.length; i++) {
        for (int j = 0; j < numbers.length; j++) {
          if (numbers[i] > numbers[j] && numbers[j] >= 0 && touch(mask, i, j)) {
            numbers[i] = numbers[j];
            changed = true;
          }
        }
      }
    }
    return numbers;
  }

  private static boolean touch(Mask mask, int i, int j) {
    int area = mask.height() * mask.width();
    return Math.abs(i / area - j / area) <= 1
        && Math.abs(i % area / mask.width() - j % area / mask.width()) <= 1
        && Math.abs(i % mask.width() - j % mask.width()) <= 1;
  }
}
