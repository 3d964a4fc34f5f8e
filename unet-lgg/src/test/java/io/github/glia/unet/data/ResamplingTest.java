package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class ResamplingTest {
  @Test
  void growsByStraightLines() {
    Pixels grown = Resampling.image(new Pixels(1, 2, 1, new float[] {0, 4}, 255), 1, 4);
    assertArrayEquals(new float[] {0, 1, 3, 4}, grown.values(), 1e-6f);
  }

  @Test
  void shrinksByMeansOfAllPixels() {
    float[] values = {0, 8, 0, 8, 0, 8, 0, 8};
    Pixels shrunk = Resampling.image(new Pixels(1, 8, 1, values, 255), 1, 2);
    // a triangle over eight pixels, cut off at the edge: weights 5 7 7 5 3 1 of 28, and mirrored
    assertArrayEquals(new float[] {26 / 7f, 30 / 7f}, shrunk.values(), 1e-5f);
  }

  @Test
  void keepsChannelsAndRowsApart() {
    Pixels image = new Pixels(2, 1, 2, new float[] {10, 20, 30, 40}, 255);
    Pixels grown = Resampling.image(image, 2, 3);
    assertArrayEquals(
        new float[] {10, 20, 10, 20, 10, 20, 30, 40, 30, 40, 30, 40}, grown.values(), 1e-5f);
  }

  @Test
  void masksTakeTheNearestPixel() {
    byte[] mask = {1, 0, 0, 1};
    assertArrayEquals(
        new byte[] {1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1},
        Resampling.mask(mask, 2, 2, 4, 4));
    assertArrayEquals(new byte[] {1}, Resampling.mask(mask, 2, 2, 1, 1));
  }
}
