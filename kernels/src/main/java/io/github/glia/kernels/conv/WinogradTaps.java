package io.github.glia.kernels.conv;

import java.util.ArrayList;
import java.util.List;

/**
 * A row of one of {@link WinogradMatrices}: numbers to be multiplied with factors and added up, of
 * which the first is {@code first} away from where a tile begins, and the next {@code distance}
 * further each.
 */
record WinogradTaps(int first, int distance, List<Float> factors) {
  /** One number as it is. */
  static final WinogradTaps ONE = new WinogradTaps(0, 1, List.of(1f));

  /**
   * Without zeros at the end, and between others where every second one is.
   *
   * @param origin of the numbers is where the tile begins
   * @param droppable of them may be left out in front, where they are zero
   */
  static WinogradTaps of(float[] row, int origin, int droppable) {
    int end = row.length;
    while (row[end - 1] == 0) {
      end--;
    }
    int begin = 0;
    while (begin < droppable && row[begin] == 0) {
      begin++;
    }
    int distance = end - begin > 2 ? 2 : 1;
    for (int i = begin + 1; i < end; i += 2) {
      distance = row[i] == 0 ? distance : 1;
    }
    List<Float> factors = new ArrayList<>();
    for (int i = begin; i < end; i += distance) {
      factors.add(row[i]);
    }
    return new WinogradTaps(begin - origin, distance, List.copyOf(factors));
  }

  int count() {
    return factors.size();
  }

  /** Behind the last number. */
  int end() {
    return first + (count() - 1) * distance + 1;
  }
}
