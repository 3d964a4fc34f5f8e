package io.github.glia.kernels.convtranspose;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Primitive;
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
 */
final class OneDnnUpscalingConvTranspose2d extends OneDnnConvTranspose2d {
  private final ConvTranspose2dShape shape;
  private final DType type;
  private Primitive gatherBlocks;
  private Primitive product;
  private long blocksBytes;

  OneDnnUpscalingConvTranspose2d(CpuBackend cpu, Key key) {
    super(cpu, key);
    shape = key.shape();
    type = key.type();
  }

  @Override
  void weightGradient(Tensor x, Tensor dy, Tensor dw) {
    prepare();
    long blocks = cpu.workspace(blocksBytes);
    gatherBlocks.bind(DNNL_ARG_FROM, dy).bind(DNNL_ARG_TO, blocks).run();
    product.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_WEIGHTS, blocks).bind(DNNL_ARG_DST, dw).run();
  }

  private void prepare() {
    if (product != null) {
      return;
    }
    gatherBlocks =
        reorder(
            "gather blocks",
            rowsOfBlocks(memory.format_tag.abcd),
            rowsOfBlocks(memory.format_tag.acbd));
    long pixels = shape.input().count() / shape.inChannels();
    long block = shape.weights().count() / shape.inChannels();
    memory.desc transposedX =
        CpuBackend.describe(type, memory.format_tag.ba, shape.inChannels(), pixels);
    memory.desc blocks = CpuBackend.describe(type, memory.format_tag.ab, pixels, block);
    memory.desc gradient =
        CpuBackend.describe(DType.F32, memory.format_tag.ab, shape.inChannels(), block);
    blocksBytes = blocks.get_size();
    product =
        primitive(
                "backwardWeights",
                describe(
                    "backwardWeights",
                    () ->
                        new matmul.primitive_desc(
                            cpu.engine(), transposedX, blocks, gradient, cpu.attributes(), false)))
            .argument(DNNL_ARG_SRC, transposedX)
            .argument(DNNL_ARG_WEIGHTS, blocks)
            .argument(DNNL_ARG_DST, gradient)
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
