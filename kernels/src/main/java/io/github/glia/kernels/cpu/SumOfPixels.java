package io.github.glia.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.tensor.DType;
import java.util.Arrays;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/**
 * The sum of each channel over all pixels, as the product {@code [1 … 1] · images}: oneDNN's own
 * reduction is thirty times slower. Many channels are shared out by {@link Lanes}.
 */
public final class SumOfPixels extends OneDnnPlan {
  /** A row of so many for each lane is read as quickly as all of it. */
  private static final int CHANNELS_OF_A_LANE = 1 << 10;

  /** So many F32 are a cache line, which lanes should not share. */
  private static final int CHANNELS_OF_A_LINE = 16;

  private final String use;
  private final long pixels;
  private final long channels;
  private final DType type;
  private final int parts;
  private SharedPrimitive product;

  public SumOfPixels(
      CpuBackend cpu, String plan, String use, long pixels, long channels, DType type) {
    super(cpu, plan);
    this.use = use;
    this.pixels = pixels;
    this.channels = channels;
    this.type = type;
    int lanes = cpu.lanes().count();
    boolean many = channels >= (long) CHANNELS_OF_A_LANE * lanes;
    parts = many && channels % ((long) CHANNELS_OF_A_LINE * lanes) == 0 ? lanes : 1;
  }

  /** Writes F32 sums. For callers that hold the lock. */
  public void run(long images, long sums) {
    if (product == null) {
      product = shared(use, parts, this::product);
    }
    long channelsOfAPart = channels / parts;
    product
        .bind(DNNL_ARG_WEIGHTS, images, channelsOfAPart * type.bytes())
        .bind(DNNL_ARG_DST, sums, channelsOfAPart * Float.BYTES)
        .run();
  }

  private Primitive.Builder product() {
    long some = channels / parts;
    memory.desc ones = CpuBackend.describe(type, memory.format_tag.ab, 1, pixels);
    memory.desc rows =
        CpuBackend.describe(type, memory.format_tag.ab, pixels, channels)
            .submemory_desc(new long[] {pixels, some}, new long[] {0, 0}, false);
    memory.desc sums = CpuBackend.describe(DType.F32, memory.format_tag.ab, 1, some);
    float[] one = new float[Math.toIntExact(pixels)];
    Arrays.fill(one, 1);
    return primitive(
            use,
            describe(
                use,
                () ->
                    new matmul.primitive_desc(
                        cpu.engine(), ones, rows, sums, cpu.attributes(), false)))
        .constant(
            DNNL_ARG_SRC,
            ones,
            CpuBackend.describe(DType.F32, memory.format_tag.ab, 1, pixels),
            one)
        .argument(DNNL_ARG_WEIGHTS, rows)
        .argument(DNNL_ARG_DST, sums);
  }
}
