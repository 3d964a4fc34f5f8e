package io.github.glia.kernels.convtranspose;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.kernels.cpu.SumOfPixels;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/**
 * Transposed convolution where each pixel of x becomes a block of y of its own, as in a U-Net, so
 * that rows of x can be computed beside each other by {@link Lanes}. With the block of each pixel
 * gathered in one row, of kernel height × kernel width × output channels,
 *
 * <pre>  dw = xᵀ blocks(dy)</pre>
 *
 * is a product of matrices, and it and the gathering together take less time than oneDNN's
 * deconvolution. It is a small matrix of sums over very many pixels: products of parts are added.
 */
final class OneDnnUpscalingConvTranspose2d extends OneDnnConvTranspose2d {
  /** With fewer in a part, adding takes longer; with more, the caches hold them no longer. */
  private static final int PIXELS_OF_A_PART = 2048;

  /** Multiplications, from which on it takes less time in parts. */
  private static final long WORK_THAT_PAYS = 1 << 22;

  private final String nameOfGradient;
  private final ConvTranspose2dShape shape;
  private final DType type;
  private final Lanes lanes;
  private final int parts;
  private final long pixelsOfAPart;
  private final long block;
  private final SumOfPixels sumOfParts;
  private final long xBytesOfAPart;
  private final long blocksBytes;
  private final long gradientBytes;
  private final Lanes.Body multiplyPart = this::multiplyPart;
  private LanePrimitive gatherBlocks;
  private LanePrimitive product;

  /** The arguments of the call that runs. */
  private long x;

  private long dy;
  private long gradients;

  OneDnnUpscalingConvTranspose2d(CpuBackend cpu, Key key) {
    super(cpu, key, parts(key.shape(), cpu.lanes().count()));
    nameOfGradient = "convTranspose2d " + key + " backwardWeights";
    shape = key.shape();
    type = key.type();
    lanes = cpu.lanes();
    parts = parts(shape, lanes.count());
    pixelsOfAPart = pixels(shape) / parts;
    long weights = shape.weights().count();
    block = weights / shape.inChannels();
    xBytesOfAPart = pixelsOfAPart * shape.inChannels() * type.bytes();
    blocksBytes = pixelsOfAPart * block * type.bytes();
    gradientBytes = weights * Float.BYTES;
    sumOfParts =
        part(
            new SumOfPixels(cpu, "convTranspose2d " + key, "add parts", parts, weights, DType.F32));
  }

  private static long pixels(ConvTranspose2dShape s) {
    return s.input().count() / s.inChannels();
  }

  /** How many parts of as many rows, as near to the wanted size as rows can be divided. */
  static int parts(ConvTranspose2dShape s, int lanes) {
    int rows = s.batch() * s.height();
    int wanted = (int) Math.max(lanes, pixels(s) / PIXELS_OF_A_PART);
    boolean pays = lanes > 1 && pixels(s) * s.weights().count() >= WORK_THAT_PAYS;
    for (int parts = wanted; pays && parts <= Math.min(rows, 4 * wanted); parts++) {
      if (rows % parts == 0) {
        return parts;
      }
    }
    return 1;
  }

  @Override
  void weightGradient(Tensor x, Tensor dy, Tensor dw) {
    if (product == null) {
      gatherBlocks = forLanes(parts, this::gatherBlocks);
      product = forLanes(parts, this::product);
    }
    this.x = x.address();
    this.dy = dy.address();
    gradients = parts == 1 ? dw.address() : cpu.workspace(parts * gradientBytes);
    if (parts == 1) {
      multiply(0, 0, cpu.workspace(blocksBytes));
    } else {
      long began = cpu.kernelBegins();
      lanes.forEach(parts, multiplyPart);
      cpu.kernelEnded(nameOfGradient, product.in(0).implementation(), began);
      sumOfParts.run(gradients, dw.address());
    }
  }

  private void multiplyPart(int lane, int part) {
    multiply(lane, part, lanes.workspace(lane, blocksBytes));
  }

  private void multiply(int lane, int part, long blocks) {
    gatherBlocks
        .in(lane)
        .bind(DNNL_ARG_FROM, dy + part * blocksBytes)
        .bind(DNNL_ARG_TO, blocks)
        .run();
    product
        .in(lane)
        .bind(DNNL_ARG_SRC, x + part * xBytesOfAPart)
        .bind(DNNL_ARG_WEIGHTS, blocks)
        .bind(DNNL_ARG_DST, gradients + part * gradientBytes)
        .run();
  }

  private Primitive.Builder gatherBlocks() {
    memory.desc image = rowsOfBlocks(memory.format_tag.abcd);
    memory.desc blocks = rowsOfBlocks(memory.format_tag.acbd);
    return copying("gather blocks", "", image, blocks);
  }

  private Primitive.Builder product() {
    long in = shape.inChannels();
    memory.desc transposedX = CpuBackend.describe(type, memory.format_tag.ba, in, pixelsOfAPart);
    memory.desc blocks = CpuBackend.describe(type, memory.format_tag.ab, pixelsOfAPart, block);
    memory.desc gradient = CpuBackend.describe(DType.F32, memory.format_tag.ab, in, block);
    return primitive(
            "backwardWeights",
            describe(
                "backwardWeights",
                () ->
                    new matmul.primitive_desc(
                        cpu.engine(), transposedX, blocks, gradient, cpu.attributes(), false)))
        .argument(DNNL_ARG_SRC, transposedX)
        .argument(DNNL_ARG_WEIGHTS, blocks)
        .argument(DNNL_ARG_DST, gradient);
  }

  /**
   * y as [rows of x, kernel height, width of x, row of a block]: in this order in memory it is the
   * image, and with the two in the middle exchanged each block is contiguous.
   */
  private memory.desc rowsOfBlocks(memory.format_tag order) {
    return CpuBackend.describe(
        type,
        order,
        pixelsOfAPart / shape.width(),
        shape.kernelHeight(),
        shape.width(),
        (long) shape.kernelWidth() * shape.outChannels());
  }
}
