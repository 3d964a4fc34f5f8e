package io.github.glia.kernels.batchnorm;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Mean and variance of each channel of many pixels.
 *
 * <p>oneDNN adds up one value after another in F32. Of a few thousand that is exact enough; of four
 * million around 100 with deviation 1 the mean was off by 1.4, and of a million times 0.1 by 4e-4,
 * since a long sum swallows part of each value that is added. So pixels are measured in chunks that
 * stay in the caches, and a chunk as rows of several pixels side by side, as if they were more
 * channels: each sum is short then. What is measured is joined in double.
 *
 * <p>{@link Lanes} share out the chunks: a batch normalization by several threads lets them wait
 * for each other more than once, which takes longer than a small chunk itself.
 */
public final class OneDnnStatistics extends OneDnnPlan {
  /** As many values as oneDNN may add up: their mean is off by 1e-5 of the largest at most. */
  private static final int LONGEST_SUM = 1 << 13;

  /** Few enough to stay in the caches of a core, and many, since each is joined in plain Java. */
  private static final int ELEMENTS_OF_A_CHUNK = 1 << 18;

  /**
   * For fewer, oneDNN's loops are short. By one thread it measures more than 256 half as fast in
   * half precision; all threads together would want 1,024.
   */
  private static final int CHANNELS_OF_A_ROW = 1 << 6;

  private final Key key;
  private final Lanes lanes;
  private final List<Chunk> chunks = new ArrayList<>();
  private final ChunkStatistics ofChunks;
  private final Lanes.Body measureChunk = this::measureChunk;
  private final String nameOfAll;
  private final long channelBytes;

  /** Of the means of a chunk, and of its variances. */
  private final long chunkBytes;

  private final double[] mean;
  private final double[] squares;
  private final Elements m;
  private final Elements v;

  /** The arguments of the call that runs. */
  private long x;

  private long measured;

  /** What it depends on. */
  private record Key(long pixels, int channels, DType type) {}

  /**
   * Rows of pixels that are measured at once.
   *
   * @param first of its pixels
   * @param sideBySide how many pixels a row has
   */
  record Chunk(long first, int sideBySide, int rows) {}

  private OneDnnStatistics(CpuBackend cpu, Key key) {
    super(cpu, "statistics " + key);
    this.key = key;
    lanes = cpu.lanes();
    nameOfAll = "statistics " + key + " measure";
    channelBytes = (long) key.channels * Float.BYTES;
    mean = new double[key.channels];
    squares = new double[key.channels];
    m = new Elements(key.channels);
    v = new Elements(key.channels);
    int fitting = Math.max(1, ELEMENTS_OF_A_CHUNK / key.channels);
    int pixels = (int) Math.min(key.pixels, fitting);
    int shortSums = roundedUp(pixels, LONGEST_SUM);
    int wideRows = Math.min(pixels, roundedUp(CHANNELS_OF_A_ROW, key.channels));
    int rowPixels = Math.max(shortSums, wideRows);
    chunkBytes = rowPixels * channelBytes;
    share(rowPixels, pixels / rowPixels);
    ofChunks = part(lanes.make(() -> new ChunkStatistics(cpu, key.channels, key.type, chunks)));
  }

  private void share(int rowPixels, int rows) {
    long done = 0;
    while (done < key.pixels) {
      long left = key.pixels - done;
      boolean last = left < rowPixels;
      int sideBySide = last ? 1 : rowPixels;
      int n = (int) (last ? left : Math.min(rows, left / rowPixels));
      chunks.add(new Chunk(done, sideBySide, n));
      done += (long) sideBySide * n;
    }
  }

  private static int roundedUp(int all, int part) {
    return (all + part - 1) / part;
  }

  public static OneDnnStatistics of(CpuBackend cpu, long pixels, int channels, DType type) {
    Key key = new Key(pixels, channels, type);
    return cpu.plan(key, onCpu(c -> new OneDnnStatistics(c, key)));
  }

  /** How much memory {@link #measure} needs besides its arguments. */
  public long scratchBytes() {
    return 2 * chunkBytes * chunks.size();
  }

  /**
   * Measures what lies at {@code pixels}, one after another, and writes means and variances, for
   * callers that hold the lock.
   */
  public void measure(long pixels, long scratch, long means, long variances) {
    x = pixels;
    measured = scratch;
    long began = cpu.kernelBegins();
    lanes.forEach(chunks.size(), measureChunk);
    join();
    m.write(cpu, means, DType.F32, 0, key.channels);
    v.write(cpu, variances, DType.F32, 0, key.channels);
    cpu.kernelEnded(nameOfAll, "lanes", began);
  }

  private void measureChunk(int lane, int chunk) {
    ofChunks.measure(lane, chunk, x, means(chunk), variances(chunk));
  }

  private long means(int chunk) {
    return measured + 2L * chunk * chunkBytes;
  }

  private long variances(int chunk) {
    return means(chunk) + chunkBytes;
  }

  private void join() {
    Arrays.fill(mean, 0);
    Arrays.fill(squares, 0);
    long before = 0;
    for (int i = 0; i < chunks.size(); i++) {
      Chunk chunk = chunks.get(i);
      for (int pixel = 0; pixel < chunk.sideBySide; pixel++) {
        m.read(cpu, means(i), DType.F32, (long) pixel * key.channels, key.channels);
        v.read(cpu, variances(i), DType.F32, (long) pixel * key.channels, key.channels);
        join(chunk.rows, before);
        before += chunk.rows;
      }
    }
    for (int c = 0; c < key.channels; c++) {
      m.values[c] = (float) mean[c];
      v.values[c] = (float) (squares[c] / key.pixels);
    }
  }

  /**
   * Adds n values to the means of {@code before} values and the sums of their squared deviations.
   */
  private void join(int n, long before) {
    double part = (double) n / (before + n);
    for (int c = 0; c < key.channels; c++) {
      double deviation = m.values[c] - mean[c];
      mean[c] += part * deviation;
      squares[c] += n * (double) v.values[c] + part * before * deviation * deviation;
    }
  }
}
