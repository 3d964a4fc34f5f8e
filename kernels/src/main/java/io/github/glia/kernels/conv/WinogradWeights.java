package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/**
 * Between 3 × 3 weights {@code g[o, u, v, c]} and planes {@code [16, o, c]} of what a tile is
 * multiplied with:
 *
 * <pre>
 *   transform   G·g·Gᵀ = (G ⊗ G)·g    for each o and c, with g as a column of 9
 *   gradient    Gᵀ·u·G = (G ⊗ G)ᵀ·u   with u as a column of 16
 * </pre>
 *
 * which are products of matrices, one for each o.
 */
final class WinogradWeights extends OneDnnPlan {
  private static final float[][] G = {{1, 0, 0}, {.5f, .5f, .5f}, {.5f, -.5f, .5f}, {0, 0, 1}};
  private static final int KERNEL = 9;

  private final memory.desc weights;
  private final memory.desc planes;
  private final boolean turned;
  private Primitive transform;
  private Primitive gradient;

  /**
   * @param turned whether kernels are turned by half a turn, as backward-data wants them: since G
   *     is symmetric but for its first and last row, these change places
   */
  WinogradWeights(CpuBackend cpu, String convolution, Conv2dShape s, boolean turned) {
    super(cpu, convolution);
    this.turned = turned;
    long out = s.outChannels();
    long in = s.inChannels();
    weights = CpuBackend.describe(DType.F32, memory.format_tag.abc, out, KERNEL, in);
    long[] sizes = {out, WinogradTiles.PLANES, in};
    planes = CpuBackend.strided(DType.F32, sizes, new long[] {in, out * in, 1});
  }

  /** For callers that hold the lock. */
  void transform(long w, long toPlanes) {
    if (transform == null) {
      String use = turned ? "winograd turned weights" : "winograd weights";
      transform = product(use, WinogradTiles.PLANES, KERNEL, weights, planes);
    }
    transform.bind(DNNL_ARG_WEIGHTS, w).bind(DNNL_ARG_DST, toPlanes).run();
  }

  /** For callers that hold the lock. */
  void gradient(long ofPlanes, long dw) {
    if (gradient == null) {
      String use = "winograd gradient of weights";
      gradient = product(use, KERNEL, WinogradTiles.PLANES, planes, weights);
    }
    gradient.bind(DNNL_ARG_WEIGHTS, ofPlanes).bind(DNNL_ARG_DST, dw).run();
  }

  private Primitive product(String use, int rows, int columns, memory.desc of, memory.desc into) {
    memory.desc matrix = CpuBackend.describe(DType.F32, memory.format_tag.abc, 1, rows, columns);
    float[] elements = new float[rows * columns];
    for (int plane = 0; plane < WinogradTiles.PLANES; plane++) {
      for (int k = 0; k < KERNEL; k++) {
        int place = rows == KERNEL ? k * columns + plane : plane * columns + k;
        elements[place] = G[row(plane / 4)][k / 3] * G[row(plane % 4)][k % 3];
      }
    }
    return primitive(
            use,
            describe(
                use,
                () ->
                    new matmul.primitive_desc(
                        cpu.engine(), matrix, of, into, cpu.attributes(), false)))
        .constant(DNNL_ARG_SRC, matrix, matrix, elements)
        .argument(DNNL_ARG_WEIGHTS, of)
        .argument(DNNL_ARG_DST, into)
        .build();
  }

  private int row(int i) {
    return turned && i % 3 == 0 ? 3 - i : i;
  }
}
