package io.github.glia.kernels.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.memory;

/**
 * Copies F32 weights into the layout and the type that a primitive wants.
 *
 * <p>Where the type is a shorter one, they are rounded in their order first: oneDNN needs up to
 * three times as long to round and rearrange at once.
 */
public final class Packing {
  private final CpuBackend cpu;
  private final Primitive round;
  private final Primitive rearrange;
  private final long packedBytes;
  private final long roundedBytes;

  Packing(OneDnnPlan plan, String use, memory.desc plain, memory.desc rounded, memory.desc wanted) {
    cpu = plan.cpu;
    boolean rounds = rounded.get_data_type() != plain.get_data_type();
    round = rounds ? plan.reorder("round to " + use, plain, rounded) : null;
    rearrange = plan.reorder(use, rounds ? rounded : plain, wanted);
    packedBytes = aligned(wanted.get_size());
    roundedBytes = rounds ? aligned(rounded.get_size()) : 0;
  }

  /** What the packed weights need. */
  public long packedBytes() {
    return packedBytes;
  }

  /** Packs into the workspace, and leaves room behind for as many bytes more. */
  public long toWorkspace(Tensor w, long more) {
    long packed = cpu.workspace(packedBytes + Math.max(roundedBytes, more));
    pack(w, packed, packed + packedBytes);
    return packed;
  }

  /** Packs into memory of the caller; the workspace is free afterwards. */
  public void to(Tensor w, long packed) {
    pack(w, packed, roundedBytes == 0 ? 0 : cpu.workspace(roundedBytes));
  }

  private void pack(Tensor w, long packed, long rounded) {
    if (round == null) {
      rearrange.bind(DNNL_ARG_FROM, w);
    } else {
      round.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, rounded).run();
      rearrange.bind(DNNL_ARG_FROM, rounded);
    }
    rearrange.bind(DNNL_ARG_TO, packed).run();
  }

  private static long aligned(long bytes) {
    return (bytes + 63) / 64 * 64;
  }
}
