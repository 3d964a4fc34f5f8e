package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;
import java.util.List;

/** Slices in shuffled batches. */
public final class Batches implements AutoCloseable {
  private final List<Slice> slices;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private long epoch;
  private int next;
  private double secondsWaited;

  /** Images are {@code [count, height, width, channels]} from 0 to 1, masks one channel. */
  @SuppressWarnings("ArrayRecordComponent") // batches carry pixels, and are never compared
  public record Batch(
      int count,
      int height,
      int width,
      int channels,
      float[] images,
      float[] masks,
      long epoch,
      int index) {}

  public Batches(
      List<Slice> slices,
      Sampling sampling,
      Augmentation augmentation,
      int batchSize,
      int patch,
      long seed,
      int threads) {
    this.slices = slices;
    this.augmentation = augmentation;
    this.batchSize = batchSize;
    this.seed = seed;
  }

  public int batchesPerEpoch() {
    return (slices.size() + batchSize - 1) / batchSize;
  }

  public void seek(long newEpoch, int batch) {
    epoch = newEpoch;
    next = batch;
  }

  public Batch next() {
    long start = System.nanoTime();
    int[] order = order();
    int from = next * batchSize;
    int count = Math.min(batchSize, slices.size() - from);
    Slice first = slices.get(0);
    int pixels = first.height() * first.width();
    float[] images = new float[count * pixels * first.channels()];
    float[] masks = new float[count * pixels];
    for (int i = 0; i < count; i++) {
      int index = order[from + i];
      boolean mirror =
          augmentation.flip() && new Philox(seed, (epoch << 32) + index).nextInt(2) == 1;
      Slice slice = slices.get(index);
      for (int pixel = 0; pixel < pixels; pixel++) {
        int x = pixel % first.width();
        int source = mirror ? pixel - x + first.width() - 1 - x : pixel;
        masks[i * pixels + pixel] = slice.mask()[source];
        for (int c = 0; c < first.channels(); c++) {
          images[(i * pixels + pixel) * first.channels() + c] =
              (slice.image()[source * first.channels() + c] & 0xff) / 255f;
        }
      }
    }
    Batch batch =
        new Batch(
            count, first.height(), first.width(), first.channels(), images, masks, epoch, next);
    next++;
    if (next == batchesPerEpoch()) {
      next = 0;
      epoch++;
    }
    secondsWaited += (System.nanoTime() - start) * 1e-9;
    return batch;
  }

  private int[] order() {
    Philox random = new Philox(seed, epoch);
    int[] order = new int[slices.size()];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  public double secondsWaited() {
    return secondsWaited;
  }

  @Override
  public void close() {}
}
