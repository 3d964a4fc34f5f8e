package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/**
 * Between 3 × 3 weights {@code g[o, u, v, c]} in F32 and planes {@code [16, o, c]} of what a tile
 * is multiplied with:
 *
 * <pre>
 *   transform   G·g·Gᵀ = (G ⊗ G)·g    for each o and c, with g as a column of 9
 *   gradient    Gᵀ·u·G = (G ⊗ G)ᵀ·u   with u as a column of 16
 * </pre>
 *
 * which are products of matrices, one for each o. Lanes take some of the o each.
 */
final class WinogradWeights extends OneDnnPlan {
  private static final float[][] G = {{1, 0, 0}, {.5f, .5f, .5f}, {.5f, -.5f, .5f}, {0, 0, 1}};
  private static final int KERNEL = 9;

  /** In how many parts the o are taken if they can be: more than there are lanes, mostly. */
  private static final int MOST_PARTS = 16;

  private final int in;
  private final int outOfAPart;
  private final int parts;
  private final memory.desc weights;
  private final memory.desc planes;
  private final boolean turned;
  private LanePrimitive transform;
  private LanePrimitive gradient;

  /**
   * @param turned whether kernels are turned by half a turn, as backward-data wants them: since G
   *     is symmetric but for its first and last row, these change places
   */
  WinogradWeights(CpuBackend cpu, String convolution, Conv2dShape s, boolean turned) {
    super(cpu, convolution);
    this.turned = turned;
    in = s.inChannels();
    parts = partsOf(s.outChannels());
    outOfAPart = s.outChannels() / parts;
    weights = CpuBackend.describe(DType.F32, memory.format_tag.abc, outOfAPart, KERNEL, in);
    long[] sizes = {outOfAPart, WinogradTiles.PLANES, in};
    long plane = (long) s.outChannels() * in;
    planes = CpuBackend.strided(DType.F32, sizes, new long[] {in, plane, 1});
  }

  private static int partsOf(int channels) {
    int parts = MOST_PARTS;
    while (channels % parts != 0) {
      parts--;
    }
    return parts;
  }

  int parts() {
    return parts;
  }

  void prepareTransform() {
    String use = turned ? "winograd turned weights" : "winograd weights";
    transform = make(() -> product(use, WinogradTiles.PLANES, KERNEL, weights, planes));
  }

  void prepareGradient() {
    String use = "winograd gradient of weights";
    gradient = make(() -> product(use, KERNEL, WinogradTiles.PLANES, planes, weights));
  }

  void transform(int lane, int part, long w, long toPlanes) {
    transform
        .in(lane)
        .bind(DNNL_ARG_WEIGHTS, w + part * weightsBytes())
        .bind(DNNL_ARG_DST, toPlanes + part * planesBytes())
        .run();
  }

  void gradient(int lane, int part, long ofPlanes, long dw) {
    gradient
        .in(lane)
        .bind(DNNL_ARG_WEIGHTS, ofPlanes + part * planesBytes())
        .bind(DNNL_ARG_DST, dw + part * weightsBytes())
        .run();
  }

  private long weightsBytes() {
    return (long) outOfAPart * KERNEL * in * Float.BYTES;
  }

  private long planesBytes() {
    return (long) outOfAPart * in * Float.BYTES;
  }

  private LanePrimitive product(
      String use, int rows, int columns, memory.desc of, memory.desc into) {
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
        .buildForLanes();
  }

  private int row(int i) {
    return turned && i % 3 == 0 ? 3 - i : i;
  }
}
