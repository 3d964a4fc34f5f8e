package io.github.glia.kernels.batchnorm;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import java.nio.FloatBuffer;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * Mean and variance of each channel of many pixels.
 *
 * <p>oneDNN adds up one value after another in F32. Of a few thousand that is exact enough; of four
 * million around 100 with deviation 1 the mean was off by 1.4, and of a million times 0.1 by 4e-4,
 * since a long sum swallows part of each value that is added. So oneDNN measures one chunk of
 * pixels after another, small enough to stay in the caches, and their statistics are joined in
 * double.
 */
public final class OneDnnStatistics extends OneDnnPlan {
  /** As many values as oneDNN may add up: their mean is off by 1e-5 of the largest at most. */
  private static final int LONGEST_SUM = 1 << 13;

  private static final int SHORTEST_SUM = 1 << 10;
  private static final int ELEMENTS_OF_A_CHUNK = 1 << 18;
  private static final float ANY_EPSILON = 1;

  private final Key key;
  private final int chunk;
  private final long pixelBytes;
  private final long channelBytes;
  private Primitive whole;
  private Primitive rest;

  /** What it depends on. */
  private record Key(long pixels, int channels, DType type) {}

  private OneDnnStatistics(CpuBackend cpu, Key key) {
    super(cpu, "statistics " + key);
    this.key = key;
    int fitting = Math.max(SHORTEST_SUM, ELEMENTS_OF_A_CHUNK / key.channels);
    chunk = (int) Math.min(key.pixels, Math.min(LONGEST_SUM, fitting));
    pixelBytes = (long) key.channels * key.type.bytes();
    channelBytes = (long) key.channels * Float.BYTES;
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
    return chunk * pixelBytes + 2 * channelBytes;
  }

  /** Measures what lies at {@code x}, pixel after pixel, for callers that hold the lock. */
  public void measure(long x, long scratch, FloatBuffer means, FloatBuffer variances) {
    long chunkMeans = scratch + chunk * pixelBytes;
    long chunkVariances = chunkMeans + channelBytes;
    double[] mean = new double[key.channels];
    double[] squares = new double[key.channels];
    for (long done = 0; done < key.pixels; done += chunk) {
      int n = (int) Math.min(chunk, key.pixels - done);
      primitive(n)
          .bind(DNNL_ARG_SRC, x + done * pixelBytes)
          .bind(DNNL_ARG_MEAN, chunkMeans)
          .bind(DNNL_ARG_VARIANCE, chunkVariances)
          .bind(DNNL_ARG_DST, scratch)
          .run();
      FloatBuffer m = cpu.floats(chunkMeans, 0, key.channels);
      FloatBuffer v = cpu.floats(chunkVariances, 0, key.channels);
      double part = (double) n / (done + n);
      for (int c = 0; c < key.channels; c++) {
        double deviation = m.get(c) - mean[c];
        mean[c] += part * deviation;
        squares[c] += n * (double) v.get(c) + part * done * deviation * deviation;
      }
    }
    for (int c = 0; c < key.channels; c++) {
      means.put(c, (float) mean[c]);
      variances.put(c, (float) (squares[c] / key.pixels));
    }
  }

  private Primitive primitive(int pixels) {
    if (pixels == chunk) {
      if (whole == null) {
        whole = make("statistics", pixels);
      }
      return whole;
    }
    if (rest == null) {
      rest = make("statistics of the rest", pixels);
    }
    return rest;
  }

  /** A normalization of a chunk, whose output nobody reads: its statistics are what is wanted. */
  private Primitive make(String use, int pixels) {
    memory.desc image = CpuBackend.images(key.type, 1, 1, pixels, key.channels);
    memory.desc parameters = CpuBackend.describe(DType.F32, memory.format_tag.x, key.channels);
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
