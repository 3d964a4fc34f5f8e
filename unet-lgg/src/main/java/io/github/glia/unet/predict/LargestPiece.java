package io.github.glia.unet.predict;

import java.util.ArrayDeque;
import java.util.Arrays;

/** Keeps the largest piece of a mask; pixels that touch at a side or a corner are of one piece. */
final class LargestPiece {
  private LargestPiece() {}

  /** Sets all but the largest piece to 0; of two that are equally large the upper one stays. */
  static void keep(boolean[] mask, int height, int width) {
    int[] piece = new int[mask.length];
    int pieces = 0;
    int largest = 0;
    int largestSize = 0;
    for (int start = 0; start < mask.length; start++) {
      if (mask[start] && piece[start] == 0) {
        int size = fill(mask, piece, start, ++pieces, height, width);
        if (size > largestSize) {
          largestSize = size;
          largest = pieces;
        }
      }
    }
    for (int i = 0; i < mask.length; i++) {
      mask[i] = mask[i] && piece[i] == largest;
    }
  }

  private static int fill(
      boolean[] mask, int[] piece, int start, int number, int height, int width) {
    ArrayDeque<Integer> open = new ArrayDeque<>(Arrays.asList(start));
    piece[start] = number;
    int size = 0;
    while (!open.isEmpty()) {
      int at = open.pop();
      size++;
      for (int y = Math.max(0, at / width - 1); y <= Math.min(height - 1, at / width + 1); y++) {
        for (int x = Math.max(0, at % width - 1); x <= Math.min(width - 1, at % width + 1); x++) {
          int next = y * width + x;
          if (mask[next] && piece[next] == 0) {
            piece[next] = number;
            open.push(next);
          }
        }
      }
    }
    return size;
  }
}
