package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Philox;

/**
 * Made-up images, each with a bright disc in noise, and where the disc is: the same ones for the
 * same number, on every device.
 */
record Images(int count, int size, float[] pixels, float[] truth) {
  static final int CHANNELS = 3;

  static Images of(int count, int size, long number) {
    Philox random = new Philox(1, number);
    float[] pixels = new float[Math.multiplyExact(count * CHANNELS, size * size)];
    float[] truth = new float[count * size * size];
    for (int image = 0; image < count; image++) {
      draw(image, size, random, pixels, truth);
    }
    return new Images(count, size, pixels, truth);
  }

  private static void draw(int image, int size, Philox random, float[] pixels, float[] truth) {
    float centreX = size * (0.25f + 0.5f * random.nextFloat());
    float centreY = size * (0.25f + 0.5f * random.nextFloat());
    float radius = size * (0.1f + 0.1f * random.nextFloat());
    int at = image * size * size;
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++, at++) {
        boolean inside = Math.hypot(x - centreX, y - centreY) < radius;
        truth[at] = inside ? 1 : 0;
        for (int channel = 0; channel < CHANNELS; channel++) {
          pixels[at * CHANNELS + channel] = truth[at] + random.nextFloat() - 0.5f;
        }
      }
    }
  }
}
