package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An endless stream of batches for training, epoch after epoch, made in background threads while
 * the network computes. A batch is a function of the seed, the epoch and its place in the epoch:
 * the number of threads changes nothing, and after {@link #seek} a run goes on as if it had never
 * stopped.
 */
public final class Batches implements AutoCloseable {
  /** Keeps these random numbers apart from those of others who were given the same seed. */
  private static final long PURPOSE = 0x4241_5443_4845L;

  private static final int SAMPLE_BITS = 32;

  private final List<Slice> slices;
  private final Sampling sampling;
  private final Augmentation augmentation;
  private final int batchSize;
  private final int side;
  private final boolean cut;
  private final long seed;
  private final int channels;
  private final BatchQueue queue;
  private final Queue<Batch> returned = new ConcurrentLinkedQueue<>();
  private volatile Epoch latest;

  /** The slices of an epoch, in their order. */
  private record Epoch(long number, List<Slice> slices) {}

  /**
   * @param slices all with masks, and equally many channels
   * @param patch side of the squares that are cut out; 0 takes whole slices, which then are squares
   *     of one size
   * @param threads how many batches are made at a time
   */
  public Batches(
      List<Slice> slices,
      Sampling sampling,
      Augmentation augmentation,
      int batchSize,
      int patch,
      long seed,
      int threads) {
    this.slices = List.copyOf(slices);
    this.sampling = sampling;
    this.augmentation = augmentation;
    this.batchSize = atLeastOne("batch size", batchSize);
    this.seed = seed;
    atLeastOne("number of threads for batches", threads);
    if (patch < 0) {
      throw new IllegalArgumentException("patch size " + patch + ": expected 0 or more");
    }
    if (slices.isEmpty()) {
      throw new IllegalArgumentException("there are no slices to make batches of");
    }
    Slice first = slices.get(0);
    side = patch == 0 ? first.height() : patch;
    cut = patch > 0;
    channels = first.channels();
    this.slices.forEach(this::check);
    latest = epoch(0);
    queue = new BatchQueue(this::make, threads);
  }

  private static int atLeastOne(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " is " + value + ": expected at least 1");
    }
    return value;
  }

  private void check(Slice slice) {
    if (slice.mask() == null) {
      throw new IllegalArgumentException(slice.source() + " has no mask to train with");
    }
    if (slice.channels() != channels) {
      throw new IllegalArgumentException(
          "%s has %d channels, and other slices have %d: they cannot share a batch"
              .formatted(slice.source(), slice.channels(), channels));
    }
    boolean fits =
        cut
            ? slice.height() >= side && slice.width() >= side
            : slice.height() == side && slice.width() == side;
    if (!fits) {
      throw new IllegalArgumentException(
          "%s is %d×%d: %s"
              .formatted(
                  slice.source(),
                  slice.height(),
                  slice.width(),
                  cut
                      ? "too small for patches of %d×%d".formatted(side, side)
                      : "expected %d×%d; resize the slices, or cut patches".formatted(side, side)));
    }
  }

  /**
   * Some samples, side by side.
   *
   * @param count how many; the last batch of an epoch may have fewer than the others
   * @param images {@code [count, height, width, channels]}, 0 to 1
   * @param masks {@code [count, height, width]}, 0 or 1
   * @param index its place in the epoch
   */
  @SuppressWarnings("ArrayRecordComponent") // batches carry pixels, and are never compared
  public record Batch(
      int count,
      int height,
      int width,
      int channels,
      float[] images,
      byte[] masks,
      long epoch,
      int index) {}

  public int batchesPerEpoch() {
    return (slices.size() + batchSize - 1) / batchSize;
  }

  /** The next batch is this one. */
  public void seek(long epoch, int batch) {
    if (epoch < 0 || batch < 0 || batch >= batchesPerEpoch()) {
      throw new IllegalArgumentException(
          "batch %d of epoch %d: an epoch has %d batches, counted from 0"
              .formatted(batch, epoch, batchesPerEpoch()));
    }
    queue.seek(epoch * batchesPerEpoch() + batch);
  }

  /**
   * The next batch; waits until it is made. What went wrong in making it is thrown here, and again
   * until somebody seeks past it.
   */
  public Batch next() {
    return queue.next();
  }

  /** Gives back the arrays of a batch that nobody needs any more, so that others can use them. */
  public void release(Batch batch) {
    if (batch.count == batchSize && returned.size() < 2) {
      returned.add(batch);
    }
  }

  /** How long callers have waited for batches altogether. */
  public double secondsWaited() {
    return queue.secondsWaited();
  }

  @Override
  public void close() {
    queue.close();
  }

  private Batch make(long number) {
    long epoch = number / batchesPerEpoch();
    int index = (int) (number % batchesPerEpoch());
    List<Slice> order = slicesOf(epoch);
    int first = index * batchSize;
    int count = Math.min(batchSize, order.size() - first);
    Batch batch = emptyBatch(count, epoch, index);
    Augmenter augmenter = new Augmenter(augmentation, side);
    for (int i = 0; i < count; i++) {
      Slice slice = order.get(first + i);
      Philox random = new Philox(seed ^ PURPOSE, (epoch << SAMPLE_BITS) | (first + i));
      int left = (slice.width() - side) / 2;
      int top = (slice.height() - side) / 2;
      if (cut) {
        int[] corner = corner(slice, random);
        left = corner[0];
        top = corner[1];
      }
      double half = (side - 1) / 2.0;
      augmenter.fill(slice, left + half, top + half, random, batch.images, batch.masks, i);
    }
    return batch;
  }

  private Batch emptyBatch(int count, long epoch, int index) {
    Batch used = count == batchSize ? returned.poll() : null;
    float[] images = used == null ? new float[count * side * side * channels] : used.images;
    byte[] masks = used == null ? new byte[count * side * side] : used.masks;
    return new Batch(count, side, side, channels, images, masks, epoch, index);
  }

  private List<Slice> slicesOf(long epoch) {
    Epoch known = latest;
    if (known.number != epoch) {
      known = epoch(epoch);
      latest = known;
    }
    return known.slices;
  }

  private Epoch epoch(long number) {
    int[] order = sampling.order(slices, seed, number);
    return new Epoch(number, Arrays.stream(order).mapToObj(slices::get).toList());
  }

  /** Left and top of a patch: about some pixel of the tumour, or anywhere. */
  private int[] corner(Slice slice, Philox random) {
    int left = random.nextInt(slice.width() - side + 1);
    int top = random.nextInt(slice.height() - side + 1);
    boolean wanted = random.nextFloat() < sampling.tumourChance();
    int tumour = wanted ? slice.tumourPixels() : 0;
    if (tumour > 0) {
      int pixel = tumourPixel(slice, random.nextInt(tumour));
      left = around(pixel % slice.width(), slice.width(), random);
      top = around(pixel / slice.width(), slice.height(), random);
    }
    return new int[] {left, top};
  }

  private int around(int place, int length, Philox random) {
    int least = Math.max(0, place - side + 1);
    int most = Math.min(place, length - side);
    return least + random.nextInt(most - least + 1);
  }

  private static int tumourPixel(Slice slice, int which) {
    int left = which;
    for (int i = 0; i < slice.mask().length; i++) {
      left -= slice.mask()[i];
      if (left < 0) {
        return i;
      }
    }
    throw new IllegalStateException(slice.source() + ": the mask changed while it was read");
  }
}
