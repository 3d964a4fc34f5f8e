package io.github.glia.kernels.convtranspose;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.kernels.cpu.SumOfPixels;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/**
 * Transposed convolution where each pixel of x becomes a block of y of its own, as in a U-Net. With
 * the block of each pixel gathered in one row, of kernel height × kernel width × output channels,
 *
 * <pre>  dw = xᵀ blocks(dy)</pre>
 *
 * is a product of matrices, and it and the gathering together take less time than oneDNN's
 * deconvolution. In the other directions that is as fast as products are.
 *
 * <p>It is a small matrix of sums over very many pixels, so pixels are taken in parts that threads
 * multiply beside each other, and the products of the parts are added.
 */
final class OneDnnUpscalingConvTranspose2d extends OneDnnConvTranspose2d {
  /** With fewer in a part, adding takes longer; with more, the caches hold them no longer. */
  private static final long PIXELS_OF_A_PART = 2048;

  private final ConvTranspose2dShape shape;
  private final DType type;
  private final long pixels;
  private final long block;
  private final long parts;
  private final SumOfPixels sumOfParts;
  private Primitive gatherBlocks;
  private Primitive product;
  private long blocksBytes;

  OneDnnUpscalingConvTranspose2d(CpuBackend cpu, Key key) {
    super(cpu, key);
    shape = key.shape();
    type = key.type();
    pixels = shape.input().count() / shape.inChannels();
    long weights = shape.weights().count();
    block = weights / shape.inChannels();
    parts = parts(pixels);
    sumOfParts =
        part(
            new SumOfPixels(cpu, "convTranspose2d " + key, "add parts", parts, weights, DType.F32));
  }

  /** How many parts of equal size, as near to the wanted one as pixels can be divided. */
  private static long parts(long pixels) {
    for (long parts = pixels / PIXELS_OF_A_PART; parts <= 4 * pixels / PIXELS_OF_A_PART; parts++) {
      if (parts > 0 && pixels % parts == 0) {
        return parts;
      }
    }
    return 1;
  }

  @Override
  void weightGradient(Tensor x, Tensor dy, Tensor dw) {
    if (product == null) {
      gatherBlocks = make(this::gatherBlocks);
      product = make(this::product);
    }
    long blocks = cpu.workspace(blocksBytes + parts * dw.bytes());
    long gradients = parts == 1 ? dw.address() : blocks + blocksBytes;
    gatherBlocks.bind(DNNL_ARG_FROM, dy).bind(DNNL_ARG_TO, blocks).run();
    product
        .bind(DNNL_ARG_SRC, x)
        .bind(DNNL_ARG_WEIGHTS, blocks)
        .bind(DNNL_ARG_DST, gradients)
        .run();
    if (parts > 1) {
      sumOfParts.run(gradients, dw.address());
    }
  }

  private Primitive gatherBlocks() {
    return reorder(
        "gather blocks",
        rowsOfBlocks(memory.format_tag.abcd),
        rowsOfBlocks(memory.format_tag.acbd));
  }

  private Primitive product() {
    long in = shape.inChannels();
    memory.desc transposedX =
        CpuBackend.describe(type, memory.format_tag.acb, parts, in, pixels / parts);
    memory.desc blocks =
        CpuBackend.describe(type, memory.format_tag.abc, parts, pixels / parts, block);
    memory.desc gradients = CpuBackend.describe(DType.F32, memory.format_tag.abc, parts, in, block);
    blocksBytes = CpuBackend.aligned(blocks.get_size());
    return primitive(
            "backwardWeights",
            describe(
                "backwardWeights",
                () ->
                    new matmul.primitive_desc(
                        cpu.engine(), transposedX, blocks, gradients, cpu.attributes(), false)))
        .argument(DNNL_ARG_SRC, transposedX)
        .argument(DNNL_ARG_WEIGHTS, blocks)
        .argument(DNNL_ARG_DST, gradients)
        .build();
  }

  /**
   * y as [rows of x, kernel height, width of x, row of a block]: in this order in memory it is the
   * image, and with the two in the middle exchanged each block is contiguous.
   */
  private memory.desc rowsOfBlocks(memory.format_tag order) {
    return CpuBackend.describe(
        type,
        order,
        (long) shape.batch() * shape.height(),
        shape.kernelHeight(),
        shape.width(),
        (long) shape.kernelWidth() * shape.outChannels());
  }
}
