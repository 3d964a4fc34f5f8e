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
 * reduction is thirty times slower.
 */
public final class SumOfPixels extends OneDnnPlan {
  private final String use;
  private final long pixels;
  private final long channels;
  private final DType type;
  private Primitive product;

  public SumOfPixels(
      CpuBackend cpu, String plan, String use, long pixels, long channels, DType type) {
    super(cpu, plan);
    this.use = use;
    this.pixels = pixels;
    this.channels = channels;
    this.type = type;
  }

  /** Writes F32 sums. For callers that hold the lock. */
  public void run(long images, long sums) {
    if (product == null) {
      product = make(this::product);
    }
    product.bind(DNNL_ARG_WEIGHTS, images).bind(DNNL_ARG_DST, sums).run();
  }

  private Primitive product() {
    memory.desc ones = CpuBackend.describe(type, memory.format_tag.ab, 1, pixels);
    memory.desc rows = CpuBackend.describe(type, memory.format_tag.ab, pixels, channels);
    memory.desc sums = CpuBackend.describe(DType.F32, memory.format_tag.ab, 1, channels);
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
        .argument(DNNL_ARG_DST, sums)
        .build();
  }
}
