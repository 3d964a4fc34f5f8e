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
 * Between 3 × 3 weights {@code g[o, u, v, c]} in F32 and planes {@code [planes, o, c]} of what a
 * tile is multiplied with:
 *
 * <pre>
 *   transform   G·g·Gᵀ = (G ⊗ G)·g    for each o and c, with g as a column of 9
 *   gradient    Gᵀ·u·G = (G ⊗ G)ᵀ·u   with u as a column of its planes
 * </pre>
 *
 * which are products of matrices, one for each o. Lanes share out the blocks of o and c.
 */
final class WinogradWeights extends OneDnnPlan {
  private static final int SIDE = 3;
  private static final int KERNEL = SIDE * SIDE;

  private final WinogradMatrices matrices;
  private final WinogradBlocks blocks;
  private final boolean turned;
  private LanePrimitive transform;
  private LanePrimitive gradient;

  /**
   * @param turned whether kernels are turned by half a turn, as backward-data wants them
   */
  WinogradWeights(
      CpuBackend cpu,
      String convolution,
      WinogradMatrices matrices,
      WinogradBlocks blocks,
      boolean turned) {
    super(cpu, convolution);
    this.matrices = matrices;
    this.blocks = blocks;
    this.turned = turned;
  }

  /** Memory for the planes of a block. */
  long planesBytes() {
    return matrices.planes() * blocks.bytes();
  }

  void prepareTransform() {
    String use = turned ? "winograd turned weights" : "winograd weights";
    transform =
        make(
            () ->
                product(
                    use,
                    matrices.planes(),
                    KERNEL,
                    weights(),
                    planes(blocks.outOfABlock(), blocks.inOfABlock())));
  }

  void prepareGradient() {
    String use = "winograd gradient of weights";
    gradient =
        make(
            () ->
                product(
                    use, KERNEL, matrices.planes(), planes(blocks.out(), blocks.in()), weights()));
  }

  /** Writes the planes of a block one after another. */
  void transform(int lane, int block, long w, long toPlanes) {
    transform
        .in(lane)
        .bind(DNNL_ARG_WEIGHTS, w + placeInWeights(block))
        .bind(DNNL_ARG_DST, toPlanes)
        .run();
  }

  /** Of whole planes, and into all weights, what belongs to a block. */
  void gradient(int lane, int block, long ofPlanes, long dw) {
    long place = (long) blocks.firstOut(block) * blocks.in() + blocks.firstIn(block);
    gradient
        .in(lane)
        .bind(DNNL_ARG_WEIGHTS, ofPlanes + place * Float.BYTES)
        .bind(DNNL_ARG_DST, dw + placeInWeights(block))
        .run();
  }

  private long placeInWeights(int block) {
    long place = (long) blocks.firstOut(block) * KERNEL * blocks.in() + blocks.firstIn(block);
    return place * Float.BYTES;
  }

  /** A block of {@code g[o, u, v, c]}. */
  private memory.desc weights() {
    long[] sizes = {blocks.outOfABlock(), KERNEL, blocks.inOfABlock()};
    return CpuBackend.strided(
        DType.F32, sizes, new long[] {(long) KERNEL * blocks.in(), blocks.in(), 1});
  }

  /** A block of planes of a size. */
  private memory.desc planes(int out, int in) {
    long[] sizes = {blocks.outOfABlock(), matrices.planes(), blocks.inOfABlock()};
    return CpuBackend.strided(DType.F32, sizes, new long[] {in, (long) out * in, 1});
  }

  private LanePrimitive product(
      String use, int rows, int columns, memory.desc of, memory.desc into) {
    memory.desc matrix = CpuBackend.describe(DType.F32, memory.format_tag.abc, 1, rows, columns);
    float[] elements = new float[rows * columns];
    for (int plane = 0; plane < matrices.planes(); plane++) {
      for (int k = 0; k < KERNEL; k++) {
        int place = rows == KERNEL ? k * columns + plane : plane * columns + k;
        int weight = turned ? KERNEL - 1 - k : k;
        elements[place] = matrices.ofWeight(plane, weight / SIDE, weight % SIDE);
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
}
