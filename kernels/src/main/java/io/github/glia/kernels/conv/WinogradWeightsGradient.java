package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * The gradient of the weights of a {@link WinogradConv2d}. What the tiles of y are made of,
 *
 * <pre>
 *   y  = Aᵀ·m·A,        m  = Σ(c) u ⊙ v,     u  = G·w·Gᵀ,   v = Bᵀ·x·B
 *   dm = A·dy·Aᵀ,       du = Σ(tiles) dm ⊙ v,   dw = Gᵀ·du·G
 * </pre>
 *
 * is 16 products of matrices, {@code [output channels, tiles] × [tiles, input channels]}.
 */
final class WinogradWeightsGradient extends OneDnnPlan {
  private static final String USE = "winograd backwardWeights";

  private final Conv2dShape shape;
  private final DType type;
  private final WinogradTiles tiles;
  private final WinogradPlanes input;
  private final WinogradPlanes gradient;
  private final WinogradWeights weights;
  private final List<WinogradTiles.Band> bands;
  private final Map<Sum, Primitive> productsOfSums = new HashMap<>();
  private final List<Primitive> products = new ArrayList<>();

  /** Of so many tiles, which is all of it so far or is added to what there is. */
  private record Sum(int tiles, boolean added) {}

  WinogradWeightsGradient(CpuBackend cpu, String convolution, Conv2dPlan.Key key) {
    super(cpu, convolution);
    shape = key.shape();
    type = key.input();
    int in = shape.inChannels();
    int out = shape.outChannels();
    tiles = new WinogradTiles(shape.batch(), shape.height(), shape.width());
    bands = tiles.bands(WinogradDirection.tilesOfABand((in + out) * type.bytes()));
    input =
        part(
            new WinogradPlanes(
                cpu, convolution, USE + " input", tiles, in, type, WinogradPlanes.INPUT));
    gradient =
        part(
            new WinogradPlanes(
                cpu, convolution, USE + " dy", tiles, out, type, WinogradPlanes.GRADIENT));
    weights = part(new WinogradWeights(cpu, convolution, shape, false));
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    WinogradTiles.Band largest = bands.get(0);
    return sumsPlace(largest)
        + (long) WinogradTiles.PLANES * shape.inChannels() * shape.outChannels() * Float.BYTES;
  }

  private long gradientPlace(WinogradTiles.Band band) {
    return CpuBackend.aligned(WinogradTiles.PLANES * input.planeBytes(band));
  }

  private long sumsPlace(WinogradTiles.Band band) {
    return gradientPlace(band)
        + CpuBackend.aligned(WinogradTiles.PLANES * gradient.planeBytes(band));
  }

  /** For callers that hold the lock. */
  void run(long x, long dy, long dw, long scratch) {
    long sums = scratch + sumsPlace(bands.get(0));
    for (int i = 0; i < bands.size(); i++) {
      WinogradTiles.Band band = bands.get(i);
      long dm = scratch + gradientPlace(band);
      input.run(x, band, scratch);
      gradient.run(dy, band, dm);
      product(i)
          .bind(DNNL_ARG_SRC, dm)
          .bind(DNNL_ARG_WEIGHTS, scratch)
          .bind(DNNL_ARG_DST, sums)
          .run();
    }
    weights.gradient(sums, dw);
  }

  private Primitive product(int band) {
    if (products.size() == band) {
      Sum sum = new Sum(tiles.tilesOf(bands.get(band)), band > 0);
      products.add(productsOfSums.computeIfAbsent(sum, this::prepareProduct));
    }
    return products.get(band);
  }

  private Primitive prepareProduct(Sum sum) {
    long n = sum.tiles;
    long in = shape.inChannels();
    long out = shape.outChannels();
    long[] turned = {WinogradTiles.PLANES, out, n};
    memory.desc dm = CpuBackend.strided(type, turned, new long[] {n * out, 1, out});
    memory.desc v = CpuBackend.describe(type, memory.format_tag.abc, WinogradTiles.PLANES, n, in);
    memory.desc du =
        CpuBackend.describe(DType.F32, memory.format_tag.abc, WinogradTiles.PLANES, out, in);
    return primitive(USE, sum.toString(), describe(USE, () -> product(sum, dm, v, du)))
        .argument(DNNL_ARG_SRC, dm)
        .argument(DNNL_ARG_WEIGHTS, v)
        .argument(DNNL_ARG_DST, du)
        .build();
  }

  private matmul.primitive_desc product(Sum sum, memory.desc a, memory.desc b, memory.desc into) {
    primitive_attr attributes = cpu.attributes();
    if (sum.added) {
      post_ops add = new post_ops();
      add.append_sum();
      attributes.set_post_ops(add);
    }
    return new matmul.primitive_desc(cpu.engine(), a, b, into, attributes, false);
  }
}
