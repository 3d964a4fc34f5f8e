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
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * Transforms the tiles of images into planes {@code [16, tiles, channels]}: plane 4u + v has the
 * place (u, v) of each transformed tile.
 *
 * <p>Each place is a sum of two pixels of a row of tiles, and of two such sums of a column. So a
 * plane is a convolution of each channel on its own with a kernel of 2 × 2, which steps from tile
 * to tile; and oneDNN is good at those.
 */
final class WinogradPlanes extends OneDnnPlan {
  /**
   * {@code factor · x[2i + first] + otherFactor · x[2i + first + distance]} for the tile i of a row
   * or column of pixels x.
   */
  record Pair(int first, int distance, float factor, float otherFactor) {
    int end() {
      return first + distance + 1;
    }
  }

  /** The rows of Bᵀ, of the pixels from 2i − 1 to 2i + 2. */
  static final List<Pair> INPUT =
      List.of(
          new Pair(-1, 2, 1, -1),
          new Pair(0, 1, 1, 1),
          new Pair(0, 1, -1, 1),
          new Pair(0, 2, 1, -1));

  /** The rows of A, of the pixels 2i and 2i + 1. */
  static final List<Pair> GRADIENT =
      List.of(
          new Pair(0, 1, 1, 0), new Pair(0, 1, 1, 1), new Pair(0, 1, 1, -1), new Pair(0, 1, 0, -1));

  private final String use;
  private final WinogradTiles tiles;
  private final int channels;
  private final DType type;
  private final List<Pair> pairs;
  private final Map<WinogradTiles.Band, List<LanePrimitive>> primitives = new HashMap<>();
  private final Map<WinogradTiles.Band, Transform> transforms = new HashMap<>();

  WinogradPlanes(
      CpuBackend cpu,
      String convolution,
      String use,
      WinogradTiles tiles,
      int channels,
      DType type,
      List<Pair> pairs) {
    super(cpu, convolution);
    this.use = use;
    this.tiles = tiles;
    this.channels = channels;
    this.type = type;
    this.pairs = pairs;
  }

  /** The size of a plane of a band. */
  long planeBytes(WinogradTiles.Band band) {
    return (long) tiles.tilesOf(band) * channels * type.bytes();
  }

  /** Makes what is needed for a band. */
  void prepare(WinogradTiles.Band band) {
    transforms.computeIfAbsent(band, this::transform);
  }

  /** Makes one plane of a band of images. */
  void run(int lane, int plane, long images, WinogradTiles.Band band, long into) {
    Transform transform = transforms.get(band);
    transform
        .primitives
        .get(plane)
        .in(lane)
        .bind(DNNL_ARG_SRC, images + transform.places.get(plane / 4))
        .bind(DNNL_ARG_DST, into)
        .run();
  }

  /** What makes each plane of a band, and where the pixels of each u begin, in bytes. */
  private record Transform(List<LanePrimitive> primitives, List<Long> places) {}

  private Transform transform(WinogradTiles.Band band) {
    long rowBytes = (long) tiles.width() * channels * type.bytes();
    long images = (long) band.firstImage() * tiles.height();
    List<Long> places =
        pairs.stream().map(pair -> (images + rows(band, pair).begin) * rowBytes).toList();
    return new Transform(primitives.computeIfAbsent(tiles.form(band), this::planes), places);
  }

  /** The pixels of a row or column from begin to end, and how many 0 lie before and after them. */
  private record Reach(int begin, int end, int before, int after) {
    static Reach of(int firstTile, int tiles, Pair pair, int pixels) {
      int begin = 2 * firstTile + pair.first;
      int end = 2 * (firstTile + tiles - 1) + pair.end();
      int inside = Math.max(0, begin);
      int last = Math.min(pixels, end);
      return new Reach(inside, last, inside - begin, end - last);
    }
  }

  private Reach rows(WinogradTiles.Band band, Pair pair) {
    return Reach.of(band.firstRow(), band.rows(), pair, tiles.height());
  }

  private List<LanePrimitive> planes(WinogradTiles.Band form) {
    List<LanePrimitive> ofAll = new ArrayList<>();
    for (int u = 0; u < 4; u++) {
      for (int v = 0; v < 4; v++) {
        Pair down = pairs.get(u);
        Pair across = pairs.get(v);
        String part = " " + u + " " + v + " " + form;
        ofAll.add(make(() -> plane(form, part, down, across)));
      }
    }
    return ofAll;
  }

  private LanePrimitive plane(WinogradTiles.Band form, String part, Pair down, Pair across) {
    Reach rows = rows(form, down);
    Reach columns = Reach.of(0, tiles.columns(), across, tiles.width());
    memory.desc x =
        CpuBackend.images(type, form.images(), rows.end - rows.begin, tiles.width(), channels);
    memory.desc plane =
        CpuBackend.images(type, form.images(), form.rows(), tiles.columns(), channels);
    convolution_forward.primitive_desc description =
        describe(
            use,
            () ->
                new convolution_forward.primitive_desc(
                    cpu.engine(),
                    prop_kind.forward_inference.value,
                    algorithm.convolution_direct.value,
                    x,
                    kernels(type, memory.format_tag.any),
                    plane,
                    new long[] {2, 2},
                    new long[] {down.distance - 1, across.distance - 1},
                    new long[] {rows.before, columns.before},
                    new long[] {rows.after, columns.after},
                    cpu.attributes(),
                    false));
    return primitive(use, part, description)
        .argument(DNNL_ARG_SRC, x)
        .argument(DNNL_ARG_DST, plane)
        .constant(
            DNNL_ARG_WEIGHTS,
            description.weights_desc(),
            kernels(DType.F32, memory.format_tag.goihw),
            factors(down, across))
        .buildForLanes();
  }

  private memory.desc kernels(DType kernelType, memory.format_tag layout) {
    return CpuBackend.describe(kernelType, layout, channels, 1, 1, 2, 2);
  }

  private float[] factors(Pair down, Pair across) {
    float[] factors = new float[4 * channels];
    for (int c = 0; c < channels; c++) {
      factors[4 * c] = down.factor * across.factor;
      factors[4 * c + 1] = down.factor * across.otherFactor;
      factors[4 * c + 2] = down.otherFactor * across.factor;
      factors[4 * c + 3] = down.otherFactor * across.otherFactor;
    }
    return factors;
  }
}
