package io.github.glia.nn.example;

import io.github.glia.tensor.Philox;

/** Noisy images of a bright disc among bright rectangles; the disc is the truth. */
final class DrawnShapes {
  static final int SIZE = 64;

  private final float[] images;
  private final float[] truths;
  private final Philox random;

  DrawnShapes(int count, long seed) {
    images = new float[count * SIZE * SIZE];
    truths = new float[count * SIZE * SIZE];
    random = new Philox(seed, 0);
    for (int i = 0; i < count; i++) {
      draw(i * SIZE * SIZE);
    }
  }

  float[] images() {
    return images;
  }

  float[] truths() {
    return truths;
  }

  private void draw(int start) {
    for (int p = 0; p < SIZE * SIZE; p++) {
      images[start + p] = 0.4f * random.nextGaussian();
    }
    for (int r = 0; r < 3; r++) {
      int top = random.nextInt(SIZE - 20);
      int left = random.nextInt(SIZE - 20);
      int height = 5 + random.nextInt(15);
      int width = 5 + random.nextInt(15);
      for (int y = top; y < top + height; y++) {
        for (int x = left; x < left + width; x++) {
          images[start + y * SIZE + x] += 0.8f;
        }
      }
    }
    int radius = 6 + random.nextInt(7);
    int centerY = radius + random.nextInt(SIZE - 2 * radius);
    int centerX = radius + random.nextInt(SIZE - 2 * radius);
    for (int y = centerY - radius; y < centerY + radius; y++) {
      for (int x = centerX - radius; x < centerX + radius; x++) {
        int dy = y - centerY;
        int dx = x - centerX;
        if (dy * dy + dx * dx <= radius * radius) {
          images[start + y * SIZE + x] = 1 + 0.4f * random.nextGaussian();
          truths[start + y * SIZE + x] = 1;
        }
      }
    }
  }
}
