package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/** What a lane does of a {@link WinogradWeightsGradient}: some of the planes, over all tiles. */
final class WinogradPlaneGradient extends OneDnnPlan {
  private static final String USE = "winograd backwardWeights";

  /** Of the planes of x and dy of a band, so that they stay in the caches. */
  private static final long BYTES_OF_A_BAND = 1 << 20;

  private final WinogradMatrices matrices;
  private final DType type;
  private final int in;
  private final int out;
  private final WinogradTiles tiles;
  private final WinogradPlanes input;
  private final WinogradPlanes gradient;
  private final WinogradBlocks blocks;
  private final WinogradWeights weights;
  private final List<WinogradTiles.Band> bands;
  private final Map<Sum, LanePrimitive> productsOfSums = new HashMap<>();
  private final List<LanePrimitive> products = new ArrayList<>();

  /** Of so many tiles, which is all of it so far or is added to what there is. */
  private record Sum(int tiles, boolean added) {}

  WinogradPlaneGradient(
      CpuBackend cpu, String convolution, Conv2dPlan.Key key, WinogradMatrices matrices) {
    super(cpu, convolution);
    this.matrices = matrices;
    Conv2dShape s = key.shape();
    type = key.input();
    in = s.inChannels();
    out = s.outChannels();
    tiles = WinogradTiles.of(s, matrices);
    bands = tiles.bands(BYTES_OF_A_BAND / ((long) (in + out) * type.bytes()));
    input =
        part(
            WinogradPlanes.of(
                cpu,
                convolution,
                new WinogradPlanes.Images(USE + " input", tiles, in, type, matrices.input())));
    gradient =
        part(
            WinogradPlanes.of(
                cpu,
                convolution,
                new WinogradPlanes.Images(USE + " dy", tiles, out, type, matrices.gradient())));
    blocks = WinogradBlocks.of(out, in, matrices.planes());
    weights = part(new WinogradWeights(cpu, convolution, matrices, blocks, false));
  }

  /** Of how many parts du consists: rows of planes where that is enough for all lanes. */
  int parts() {
    int places = matrices.places();
    return partsAreRows() ? places : places * places;
  }

  /** Then what planes of a row have in common is computed once. */
  private boolean partsAreRows() {
    return tiles.side() > 2 && cpu.lanes().count() <= matrices.places();
  }

  /** The size of du. */
  long bytes() {
    return matrices.planes() * planeBytes();
  }

  private long planeBytes() {
    return (long) in * out * Float.BYTES;
  }

  int blocksOfWeights() {
    return blocks.count();
  }

  void prepare() {
    for (WinogradTiles.Band band : bands) {
      input.prepare(band);
      gradient.prepare(band);
      Sum sum = new Sum(tiles.tilesOf(band), !products.isEmpty());
      products.add(productsOfSums.computeIfAbsent(sum, s -> make(() -> product(s))));
    }
    weights.prepareGradient();
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    WinogradTiles.Band largest = bands.get(0);
    return rowsOfGradientPlace() + gradient.rowsBytes(largest);
  }

  private long gradientPlace() {
    return CpuBackend.aligned(input.planeBytes(bands.get(0)));
  }

  private long rowsPlace() {
    return CpuBackend.aligned(gradientPlace() + gradient.planeBytes(bands.get(0)));
  }

  private long rowsOfGradientPlace() {
    return CpuBackend.aligned(rowsPlace() + input.rowsBytes(bands.get(0)));
  }

  /** One part of du. */
  void run(int lane, int part, long x, long dy, long du, long scratch) {
    int places = matrices.places();
    int u = partsAreRows() ? part : part / places;
    int first = partsAreRows() ? 0 : part % places;
    int end = partsAreRows() ? places : first + 1;
    for (int i = 0; i < bands.size(); i++) {
      input.rows(lane, u, x, bands.get(i), scratch + rowsPlace());
      gradient.rows(lane, u, dy, bands.get(i), scratch + rowsOfGradientPlace());
      for (int v = first; v < end; v++) {
        multiply(lane, i, u, v, x, dy, du, scratch);
      }
    }
  }

  private void multiply(int lane, int i, int u, int v, long x, long dy, long du, long scratch) {
    WinogradTiles.Band band = bands.get(i);
    long dm = scratch + gradientPlace();
    input.plane(lane, u, v, x, band, scratch + rowsPlace(), scratch);
    gradient.plane(lane, u, v, dy, band, scratch + rowsOfGradientPlace(), dm);
    products
        .get(i)
        .in(lane)
        .bind(DNNL_ARG_SRC, dm)
        .bind(DNNL_ARG_WEIGHTS, scratch)
        .bind(DNNL_ARG_DST, du + (matrices.places() * u + v) * planeBytes())
        .run();
  }

  void transform(int lane, int block, long du, long dw) {
    weights.gradient(lane, block, du, dw);
  }

  private LanePrimitive product(Sum sum) {
    memory.desc dm = CpuBackend.describe(type, memory.format_tag.ba, out, sum.tiles);
    memory.desc v = CpuBackend.describe(type, memory.format_tag.ab, sum.tiles, in);
    memory.desc du = CpuBackend.describe(DType.F32, memory.format_tag.ab, out, in);
    return primitive(USE, sum.toString(), describe(USE, () -> product(sum, dm, v, du)))
        .argument(DNNL_ARG_SRC, dm)
        .argument(DNNL_ARG_WEIGHTS, v)
        .argument(DNNL_ARG_DST, du)
        .buildForLanes();
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
