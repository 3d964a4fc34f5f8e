package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/** Forward or backward-data of a {@link WinogradConv2d}: y of x, or dx of dy. */
final class WinogradDirection extends OneDnnPlan {
  /** Of the planes of a band, so that they stay in the caches. */
  private static final long BYTES_OF_A_BAND = 8 << 20;

  private final String use;
  private final WinogradTiles tiles;
  private final WinogradPlanes input;
  private final WinogradPixels output;
  private final WinogradWeights weights;
  private final DType type;
  private final int in;
  private final int out;
  private final boolean backward;
  private final List<WinogradTiles.Band> bands;
  private final Map<Integer, Primitive> productsOfTiles = new HashMap<>();
  private final Map<WinogradTiles.Band, Primitive> products = new HashMap<>();
  private final memory.desc packedWeights;
  private Primitive pack;

  /**
   * @param backward whether x is computed of y: the convolution of y with turned weights
   */
  WinogradDirection(CpuBackend cpu, String convolution, Conv2dPlan.Key key, boolean backward) {
    super(cpu, convolution);
    this.backward = backward;
    Conv2dShape s = key.shape();
    use = "winograd " + (backward ? "backwardData" : "forward");
    type = key.input();
    in = backward ? s.outChannels() : s.inChannels();
    out = backward ? s.inChannels() : s.outChannels();
    tiles = new WinogradTiles(s.batch(), s.height(), s.width());
    bands = tiles.bands(tilesOfABand(in * type.bytes() + out * Float.BYTES));
    weights = part(new WinogradWeights(cpu, convolution, s, backward));
    input =
        part(
            new WinogradPlanes(
                cpu, convolution, use + " input", tiles, in, type, WinogradPlanes.INPUT));
    output =
        part(
            new WinogradPixels(
                cpu,
                convolution,
                use + " output",
                tiles,
                out,
                type,
                key.bias() && !backward,
                key.relu() && !backward));
    packedWeights = describeProduct(tiles.tilesOf(bands.get(0))).weights_desc();
  }

  /**
   * @param bytes of all that is kept of a place in a tile
   */
  static long tilesOfABand(int bytes) {
    return BYTES_OF_A_BAND / ((long) WinogradTiles.PLANES * bytes);
  }

  /** The size of the transformed weights in the layout that oneDNN likes best. */
  long packedBytes() {
    return CpuBackend.aligned(packedWeights.get_size());
  }

  /** Memory that {@link #pack} needs besides its arguments. */
  long packScratchBytes() {
    return (long) WinogradTiles.PLANES * in * out * Float.BYTES;
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    WinogradTiles.Band largest = bands.get(0);
    return productsPlace(largest)
        + WinogradTiles.PLANES * output.planeBytes(largest)
        + output.scratchBytes(largest);
  }

  private long productsPlace(WinogradTiles.Band band) {
    return CpuBackend.aligned(WinogradTiles.PLANES * input.planeBytes(band));
  }

  /** Transforms weights. For callers that hold the lock. */
  void pack(long w, long scratch, long packed) {
    if (pack == null) {
      memory.format_tag layout = backward ? memory.format_tag.abc : memory.format_tag.acb;
      memory.desc plain = CpuBackend.describe(DType.F32, layout, WinogradTiles.PLANES, in, out);
      pack = reorder("pack for " + use, plain, packedWeights);
    }
    weights.transform(w, scratch);
    pack.bind(DNNL_ARG_FROM, scratch).bind(DNNL_ARG_TO, packed).run();
  }

  /** Convolves; {@code b} is 0 where there is no bias. For callers that hold the lock. */
  void run(long x, long packed, long b, long y, long scratch) {
    for (int i = 0; i < bands.size(); i++) {
      WinogradTiles.Band band = bands.get(i);
      long results = scratch + productsPlace(band);
      input.run(x, band, scratch);
      product(band)
          .bind(DNNL_ARG_SRC, scratch)
          .bind(DNNL_ARG_WEIGHTS, packed)
          .bind(DNNL_ARG_DST, results)
          .run();
      output.run(results, band, b, y);
    }
  }

  private Primitive product(WinogradTiles.Band band) {
    Primitive product = products.get(band);
    if (product == null) {
      int n = tiles.tilesOf(band);
      product = productsOfTiles.computeIfAbsent(n, this::prepareProduct);
      products.put(band, product);
    }
    return product;
  }

  private Primitive prepareProduct(int n) {
    return primitive(use, " of " + n + " tiles", describeProduct(n))
        .argument(DNNL_ARG_SRC, planes(type, n, in))
        .argument(DNNL_ARG_WEIGHTS, packedWeights)
        .argument(DNNL_ARG_DST, planes(DType.F32, n, out))
        .build();
  }

  /** All bands share the weights, so the layout is what the first one likes. */
  private matmul.primitive_desc describeProduct(int n) {
    memory.desc w =
        packedWeights == null
            ? CpuBackend.describe(type, memory.format_tag.any, WinogradTiles.PLANES, in, out)
            : packedWeights;
    return describe(
        use,
        () ->
            new matmul.primitive_desc(
                cpu.engine(),
                planes(type, n, in),
                w,
                planes(DType.F32, n, out),
                cpu.attributes(),
                false));
  }

  private static memory.desc planes(DType type, int tiles, int channels) {
    return CpuBackend.describe(type, memory.format_tag.abc, WinogradTiles.PLANES, tiles, channels);
  }
}
