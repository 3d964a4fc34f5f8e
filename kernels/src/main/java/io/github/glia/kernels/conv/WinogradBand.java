package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;

/** What a lane does of a {@link WinogradDirection}: its weights, and then its pixels, in bands. */
final class WinogradBand extends OneDnnPlan {
  private final String use;
  private final WinogradMatrices matrices;
  private final WinogradTiles tiles;
  private final WinogradBlocks blocks;
  private final WinogradWeights weights;
  private final WinogradPlanes input;
  private final WinogradPixels output;
  private final DType type;
  private final int in;
  private final int out;
  private final boolean backward;
  private final memory.desc packedPlane;
  private final Map<Integer, LanePrimitive> productsOfTiles = new HashMap<>();
  private final Map<WinogradTiles.Band, LanePrimitive> products = new HashMap<>();
  private LanePrimitive pack;
  private long[] placesInPackedPlane;

  WinogradBand(
      CpuBackend cpu,
      String convolution,
      Conv2dPlan.Key key,
      WinogradMatrices matrices,
      boolean backward,
      int tilesOfABand) {
    super(cpu, convolution);
    this.matrices = matrices;
    this.backward = backward;
    Conv2dShape s = key.shape();
    use = "winograd " + (backward ? "backwardData" : "forward");
    type = key.input();
    in = backward ? s.outChannels() : s.inChannels();
    out = backward ? s.inChannels() : s.outChannels();
    tiles = WinogradTiles.of(s, matrices);
    input =
        part(
            WinogradPlanes.of(
                cpu,
                convolution,
                new WinogradPlanes.Images(use + " input", tiles, in, type, matrices.input())));
    output =
        part(
            new WinogradPixels(
                cpu,
                convolution,
                use + " output",
                tiles,
                matrices,
                out,
                type,
                key.bias() && !backward,
                key.relu() && !backward));
    matmul.primitive_desc product =
        describeProduct(tilesOfABand, CpuBackend.describe(type, memory.format_tag.any, in, out));
    packedPlane = product.weights_desc();
    product.deallocate();
    int planes = matrices.planes();
    blocks =
        make(
            () ->
                WinogradBlocks.of(s.outChannels(), s.inChannels(), planes, this::areInPackedPlane));
    weights = part(new WinogradWeights(cpu, convolution, matrices, blocks, backward));
  }

  /** The size of the transformed weights in the layout that oneDNN likes best. */
  long packedBytes() {
    return matrices.planes() * packedPlaneBytes();
  }

  private long packedPlaneBytes() {
    return CpuBackend.aligned(packedPlane.get_size());
  }

  private boolean areInPackedPlane(WinogradBlocks wanted) {
    return IntStream.range(0, wanted.count())
        .allMatch(block -> inPackedPlane(wanted, block).get(true) != null);
  }

  /** Of {@code [in, out]} as the product takes it; empty where oneDNN cannot tell it apart. */
  private memory.desc inPackedPlane(WinogradBlocks blocks, int block) {
    return packedPlane.submemory_desc(
        inAndOut(blocks.inOfABlock(), blocks.outOfABlock()),
        inAndOut(blocks.firstIn(block), blocks.firstOut(block)),
        true);
  }

  /** What the convolution takes in and gives is turned around in backward-data. */
  private long[] inAndOut(int ofInput, int ofOutput) {
    return backward ? new long[] {ofOutput, ofInput} : new long[] {ofInput, ofOutput};
  }

  int blocksOfWeights() {
    return blocks.count();
  }

  void prepareWeights() {
    weights.prepareTransform();
    pack = make(this::packing);
    placesInPackedPlane =
        make(
            () ->
                IntStream.range(0, blocks.count())
                    .mapToLong(block -> inPackedPlane(blocks, block).get_submemory_offset())
                    .map(place -> place * type.bytes())
                    .toArray());
  }

  private LanePrimitive packing() {
    memory.format_tag layout = backward ? memory.format_tag.ab : memory.format_tag.ba;
    memory.desc block = inPackedPlane(blocks, 0);
    memory.desc plain =
        CpuBackend.describe(DType.F32, layout, inAndOut(blocks.inOfABlock(), blocks.outOfABlock()));
    return reorderForLanes("pack for " + use, "", plain, block);
  }

  /** Transforms a block of weights into all packed planes. */
  void pack(int lane, int block, long w, long packed) {
    long planes = cpu.lanes().workspace(lane, weights.planesBytes());
    weights.transform(lane, block, w, planes);
    Primitive copy = pack.in(lane);
    for (int plane = 0; plane < matrices.planes(); plane++) {
      copy.bind(DNNL_ARG_FROM, planes + plane * blocks.bytes())
          .bind(DNNL_ARG_TO, packed + plane * packedPlaneBytes() + placesInPackedPlane[block])
          .run();
    }
  }

  void prepare(List<WinogradTiles.Band> bands) {
    for (WinogradTiles.Band band : bands) {
      input.prepare(band);
      products.put(
          band, productsOfTiles.computeIfAbsent(tiles.tilesOf(band), n -> make(() -> product(n))));
      output.prepare(band);
    }
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes(WinogradTiles.Band band) {
    return sumsPlace(band) + output.sumsBytes(band) + output.pixelsBytes(band);
  }

  private long rowsPlace(WinogradTiles.Band band) {
    return CpuBackend.aligned(input.planeBytes(band));
  }

  private long productsPlace(WinogradTiles.Band band) {
    return CpuBackend.aligned(rowsPlace(band) + input.rowsBytes(band));
  }

  private long sumsPlace(WinogradTiles.Band band) {
    return productsPlace(band) + matrices.places() * output.planeBytes(band);
  }

  /** Convolves; {@code b} is 0 where there is no bias. */
  void run(int lane, WinogradTiles.Band band, long x, long packed, long b, long y, long scratch) {
    long rows = scratch + rowsPlace(band);
    long results = scratch + productsPlace(band);
    long sums = scratch + sumsPlace(band);
    int places = matrices.places();
    Primitive product = products.get(band).in(lane).bind(DNNL_ARG_SRC, scratch);
    for (int u = 0; u < places; u++) {
      input.rows(lane, u, x, band, rows);
      for (int v = 0; v < places; v++) {
        input.plane(lane, u, v, x, band, rows, scratch);
        product
            .bind(DNNL_ARG_WEIGHTS, packed + (places * u + v) * packedPlaneBytes())
            .bind(DNNL_ARG_DST, results + v * output.planeBytes(band))
            .run();
      }
      output.across(lane, u, results, band, sums);
    }
    output.run(lane, sums, band, b, sums + output.sumsBytes(band), y);
  }

  private LanePrimitive product(int n) {
    return primitive(use, " of " + n + " tiles", describeProduct(n, packedPlane))
        .argument(DNNL_ARG_SRC, plane(type, n, in))
        .argument(DNNL_ARG_WEIGHTS, packedPlane)
        .argument(DNNL_ARG_DST, plane(DType.F32, n, out))
        .buildForLanes();
  }

  private matmul.primitive_desc describeProduct(int n, memory.desc w) {
    return describe(
        use,
        () ->
            new matmul.primitive_desc(
                cpu.engine(),
                plane(type, n, in),
                w,
                plane(DType.F32, n, out),
                cpu.attributes(),
                false));
  }

  private static memory.desc plane(DType type, int tiles, int channels) {
    return CpuBackend.describe(type, memory.format_tag.ab, tiles, channels);
  }
}
