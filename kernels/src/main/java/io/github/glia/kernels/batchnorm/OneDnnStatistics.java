package io.github.glia.kernels.batchnorm;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import java.util.Arrays;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * Mean and variance of each channel of many pixels.
 *
 * <p>oneDNN adds up one value after another in F32. Of a few thousand that is exact enough; of four
 * million around 100 with deviation 1 the mean was off by 1.4, and of a million times 0.1 by 4e-4,
 * since a long sum swallows part of each value that is added. So pixels are measured in chunks that
 * stay in the caches, and a chunk as rows of several pixels side by side, as if they were more
 * channels: each sum is short then. What is measured is joined in double.
 */
public final class OneDnnStatistics extends OneDnnPlan {
  /** As many values as oneDNN may add up: their mean is off by 1e-5 of the largest at most. */
  private static final int LONGEST_SUM = 1 << 13;

  /** Few enough to stay in the caches, and many, since each call wakes all threads. */
  private static final int ELEMENTS_OF_A_CHUNK = 1 << 21;

  /** Of so many channels and more side by side oneDNN measures two and a half times as fast. */
  private static final int CHANNELS_OF_A_ROW = 1 << 10;

  private static final float ANY_EPSILON = 1;

  private final Key key;
  private final int rowPixels;
  private final int rows;
  private final long pixelBytes;
  private final long channelBytes;
  private final double[] mean;
  private final double[] squares;
  private final Elements m;
  private final Elements v;
  private Primitive whole;
  private Primitive rest;
  private Primitive lastPixels;

  /** What it depends on. */
  private record Key(long pixels, int channels, DType type) {}

  private OneDnnStatistics(CpuBackend cpu, Key key) {
    super(cpu, "statistics " + key);
    this.key = key;
    int fitting = Math.max(1, ELEMENTS_OF_A_CHUNK / key.channels);
    int chunk = (int) Math.min(key.pixels, fitting);
    int shortSums = roundedUp(chunk, LONGEST_SUM);
    int wideRows = Math.min(chunk, roundedUp(CHANNELS_OF_A_ROW, key.channels));
    rowPixels = Math.max(shortSums, wideRows);
    rows = chunk / rowPixels;
    pixelBytes = (long) key.channels * key.type.bytes();
    channelBytes = (long) key.channels * Float.BYTES;
    mean = new double[key.channels];
    squares = new double[key.channels];
    m = new Elements(key.channels);
    v = new Elements(key.channels);
  }

  private static int roundedUp(int all, int part) {
    return (all + part - 1) / part;
  }

  public static OneDnnStatistics of(CpuBackend cpu, long pixels, int channels, DType type) {
    Key key = new Key(pixels, channels, type);
    return cpu.plan(key, onCpu(c -> new OneDnnStatistics(c, key)));
  }

  /** Whether oneDNN on its own is exact enough. */
  public static boolean areExact(long pixels) {
    return pixels <= LONGEST_SUM;
  }

  /** How much memory {@link #measure} needs besides its arguments. */
  public long scratchBytes() {
    return chunkBytes() + 2L * rowPixels * channelBytes;
  }

  private long chunkBytes() {
    return CpuBackend.aligned((long) rows * rowPixels * pixelBytes);
  }

  /**
   * Measures what lies at {@code x}, pixel after pixel, and writes means and variances, for callers
   * that hold the lock.
   */
  public void measure(long x, long scratch, long means, long variances) {
    long chunkMeans = scratch + chunkBytes();
    long chunkVariances = chunkMeans + rowPixels * channelBytes;
    Arrays.fill(mean, 0);
    Arrays.fill(squares, 0);
    long done = 0;
    while (done < key.pixels) {
      long left = key.pixels - done;
      boolean last = left < rowPixels;
      int sideBySide = last ? 1 : rowPixels;
      int n = (int) (last ? left : Math.min(rows, left / rowPixels));
      primitive(sideBySide, n)
          .bind(DNNL_ARG_SRC, x + done * pixelBytes)
          .bind(DNNL_ARG_MEAN, chunkMeans)
          .bind(DNNL_ARG_VARIANCE, chunkVariances)
          .bind(DNNL_ARG_DST, scratch)
          .run();
      for (int i = 0; i < sideBySide; i++) {
        m.read(cpu, chunkMeans, DType.F32, (long) i * key.channels, key.channels);
        v.read(cpu, chunkVariances, DType.F32, (long) i * key.channels, key.channels);
        join(n, done);
        done += n;
      }
    }
    for (int c = 0; c < key.channels; c++) {
      m.values[c] = (float) mean[c];
      v.values[c] = (float) (squares[c] / key.pixels);
    }
    m.write(cpu, means, DType.F32, 0, key.channels);
    v.write(cpu, variances, DType.F32, 0, key.channels);
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

  private Primitive primitive(int sideBySide, int n) {
    if (sideBySide < rowPixels) {
      if (lastPixels == null) {
        lastPixels = make("statistics of the last pixels", sideBySide, n);
      }
      return lastPixels;
    }
    if (n < rows) {
      if (rest == null) {
        rest = make("statistics of the rest", sideBySide, n);
      }
      return rest;
    }
    if (whole == null) {
      whole = make("statistics", sideBySide, n);
    }
    return whole;
  }

  /** A normalization of a chunk, whose output nobody reads: its statistics are what is wanted. */
  private Primitive make(String use, int sideBySide, int n) {
    int columns = Math.multiplyExact(sideBySide, key.channels);
    memory.desc image = CpuBackend.pixels(key.type, n, columns);
    memory.desc parameters = CpuBackend.describe(DType.F32, memory.format_tag.x, columns);
    batch_normalization_forward.primitive_desc description =
        describe(
            use,
            () ->
                new batch_normalization_forward.primitive_desc(
                    cpu.engine(),
                    prop_kind.forward_training.value,
                    image,
                    image,
                    ANY_EPSILON,
                    0,
                    cpu.attributes(),
                    false));
    return primitive(use, description)
        .argument(DNNL_ARG_SRC, image)
        .argument(DNNL_ARG_MEAN, parameters)
        .argument(DNNL_ARG_VARIANCE, parameters)
        .argument(DNNL_ARG_DST, image)
        .build();
  }
}
