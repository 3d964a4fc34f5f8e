package io.github.glia.kernels.batchnorm;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/** What a lane does of {@link OneDnnStatistics}: mean and variance of each column of a chunk. */
final class ChunkStatistics extends OneDnnPlan {
  private static final float ANY_EPSILON = 1;

  private final int channels;
  private final DType type;
  private final List<OneDnnStatistics.Chunk> chunks;
  private final Map<Form, LanePrimitive> ofForms = new HashMap<>();
  private final List<LanePrimitive> ofChunks = new ArrayList<>();
  private final long normalizedBytes;

  /** What a primitive depends on. */
  private record Form(int sideBySide, int rows) {}

  ChunkStatistics(CpuBackend cpu, int channels, DType type, List<OneDnnStatistics.Chunk> chunks) {
    super(cpu, "statistics");
    this.channels = channels;
    this.type = type;
    this.chunks = chunks;
    long most = 0;
    for (OneDnnStatistics.Chunk chunk : chunks) {
      Form form = new Form(chunk.sideBySide(), chunk.rows());
      ofChunks.add(ofForms.computeIfAbsent(form, f -> make(() -> measuring(f))));
      most = Math.max(most, (long) form.sideBySide * form.rows);
    }
    normalizedBytes = most * pixelBytes();
  }

  private long pixelBytes() {
    return (long) channels * type.bytes();
  }

  void measure(int lane, int chunk, long x, long means, long variances) {
    ofChunks
        .get(chunk)
        .in(lane)
        .bind(DNNL_ARG_SRC, x + chunks.get(chunk).first() * pixelBytes())
        .bind(DNNL_ARG_MEAN, means)
        .bind(DNNL_ARG_VARIANCE, variances)
        .bind(DNNL_ARG_DST, cpu.lanes().workspace(lane, normalizedBytes))
        .run();
  }

  /** A normalization of a chunk, whose output nobody reads: its statistics are what is wanted. */
  private LanePrimitive measuring(Form form) {
    int columns = Math.multiplyExact(form.sideBySide, channels);
    memory.desc image = CpuBackend.pixels(type, form.rows, columns);
    memory.desc parameters = CpuBackend.describe(DType.F32, memory.format_tag.x, columns);
    batch_normalization_forward.primitive_desc description =
        describe(
            "measure",
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
    return primitive("measure", form.toString(), description)
        .argument(DNNL_ARG_SRC, image)
        .argument(DNNL_ARG_MEAN, parameters)
        .argument(DNNL_ARG_VARIANCE, parameters)
        .argument(DNNL_ARG_DST, image)
        .buildForLanes();
  }
}
