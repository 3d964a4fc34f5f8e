package io.github.glia.unet.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class LargestPieceTest {
  @Test
  void keepsTheLargestAndJoinsAtCorners() {
    assertEquals(
        """
        ......
        ....#.
        ...#..
        ..##..
        """,
        kept(
            """
            ##....
            #...#.
            ...#..
            #.##..
            """));
  }

  @Test
  void doesNotJoinAcrossTheEdgeOfTheImage() {
    assertEquals("##...\n.....\n", kept("##..#\n.....\n"));
  }

  @Test
  void leavesAnEmptyMaskEmpty() {
    assertEquals("...\n...\n", kept("...\n...\n"));
  }

  private static String kept(String picture) {
    String[] rows = picture.lines().toArray(String[]::new);
    int width = rows[0].length();
    boolean[] mask = new boolean[rows.length * width];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = rows[i / width].charAt(i % width) == '#';
    }
    LargestPiece.keep(mask, rows.length, width);
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < mask.length; i++) {
      result.append(mask[i] ? '#' : '.').append(i % width == width - 1 ? "\n" : "");
    }
    return result.toString();
  }
}
