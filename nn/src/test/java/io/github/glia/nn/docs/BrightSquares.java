package io.github.glia.nn.docs;

import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Shape;

/** Images of noise with a bright square in each; the square is the truth. */
final class BrightSquares {
  private final float[] images;
  private final float[] truths;

  BrightSquares(Shape batch, long seed) {
    images = new float[(int) batch.count()];
    truths = new float[(int) batch.count()];
    Philox random = new Philox(seed, 0);
    int height = batch.size(1);
    int width = batch.size(2);
    for (int n = 0; n < batch.size(0); n++) {
      int side = 6 + random.nextInt(8);
      int top = random.nextInt(height - side);
      int left = random.nextInt(width - side);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int i = (n * height + y) * width + x;
          boolean inside = y >= top && y < top + side && x >= left && x < left + side;
          truths[i] = inside ? 1 : 0;
          images[i] = truths[i] + 0.5f * random.nextGaussian();
        }
      }
    }
  }

  float[] images() {
    return images;
  }

  float[] truths() {
    return truths;
  }
}
