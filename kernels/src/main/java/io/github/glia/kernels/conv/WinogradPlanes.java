package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * Transforms the tiles of images into planes {@code [planes, tiles, channels]}, Bᵀ·x·B or A·dy·Aᵀ:
 * one plane for each place (u, v) of a transformed tile.
 *
 * <p>Each place is a sum of some pixels of a row of tiles, and of such sums of a column. So it is a
 * convolution of each channel on its own, which steps from tile to tile; and oneDNN is good at
 * those.
 */
abstract class WinogradPlanes extends OneDnnPlan {
  private final Images images;
  private final Map<WinogradTiles.Band, List<LanePrimitive>> primitives = new HashMap<>();
  private final Map<WinogradTiles.Band, Transform> transforms = new HashMap<>();

  /**
   * What is transformed.
   *
   * @param use for errors
   * @param taps what makes each place of pixels
   */
  record Images(
      String use, WinogradTiles tiles, int channels, DType type, List<WinogradTaps> taps) {
    memory.desc describe(int images, int rows, int columns) {
      return CpuBackend.images(type, images, rows, columns, channels);
    }
  }

  WinogradPlanes(CpuBackend cpu, String convolution, Images images) {
    super(cpu, convolution);
    this.images = images;
  }

  /** What takes the least time without rounding between the sums. */
  static WinogradPlanes of(CpuBackend cpu, String convolution, Images images) {
    return images.tiles.side() == 2
        ? new WinogradPlanesAtOnce(cpu, convolution, images)
        : new WinogradPlanesByRows(cpu, convolution, images);
  }

  /** The size of a plane of a band. */
  final long planeBytes(WinogradTiles.Band band) {
    return (long) images.tiles.tilesOf(band) * images.channels * images.type.bytes();
  }

  /** Memory for what {@link #rows} makes of a band. */
  abstract long rowsBytes(WinogradTiles.Band band);

  /** Begins with the places (u, …) of a band of images. */
  abstract void rows(int lane, int u, long images, WinogradTiles.Band band, long rows);

  /** Makes one plane of a band of images, or of what was begun with. */
  abstract void plane(
      int lane, int u, int v, long images, WinogradTiles.Band band, long rows, long into);

  /** What makes planes of bands of one form, in an order of its own. */
  abstract List<LanePrimitive> primitives(WinogradTiles.Band form);

  /** Makes what is needed for a band. */
  final void prepare(WinogradTiles.Band band) {
    transforms.computeIfAbsent(band, this::transform);
  }

  /** What makes planes of a band, and where the pixels of each u begin, in bytes. */
  record Transform(List<LanePrimitive> primitives, List<Long> places) {}

  final Transform transformOf(WinogradTiles.Band band) {
    return transforms.get(band);
  }

  private Transform transform(WinogradTiles.Band band) {
    long rowBytes = (long) images.tiles.width() * images.channels * images.type.bytes();
    long rowsBefore = (long) band.firstImage() * images.tiles.height();
    List<Long> places =
        images.taps.stream().map(down -> (rowsBefore + rows(band, down).begin) * rowBytes).toList();
    return new Transform(
        primitives.computeIfAbsent(images.tiles.form(band), this::primitives), places);
  }

  /** The pixels of a row or column from begin to end, and how many 0 lie before and after them. */
  record Reach(int begin, int end, int before, int after) {
    int pixels() {
      return end - begin;
    }
  }

  private Reach reach(int firstTile, int count, WinogradTaps taps, int pixels) {
    int begin = images.tiles.side() * firstTile + taps.first();
    int end = images.tiles.side() * (firstTile + count - 1) + taps.end();
    int inside = Math.max(0, begin);
    // also the pixels of the last tile that count for nothing: another image may follow
    int last = Math.min(pixels, Math.max(end, images.tiles.side() * (firstTile + count)));
    return new Reach(inside, last, inside - begin, Math.max(0, end - last));
  }

  final Reach rows(WinogradTiles.Band band, WinogradTaps down) {
    return reach(band.firstRow(), band.rows(), down, images.tiles.height());
  }

  final Reach columns(WinogradTaps across) {
    return reach(0, images.tiles.columns(), across, images.tiles.width());
  }

  final Images images() {
    return images;
  }

  final long bytes(WinogradTiles.Band band, int columns) {
    return (long) band.images() * band.rows() * columns * images.channels * images.type.bytes();
  }

  /**
   * Sums of pixels, of each channel on its own.
   *
   * @param step from one sum to the next, down and across
   */
  final LanePrimitive sums(
      String part,
      memory.desc x,
      memory.desc sums,
      WinogradTaps down,
      WinogradTaps across,
      long[] step,
      long[] before,
      long[] after) {
    convolution_forward.primitive_desc description =
        describe(
            images.use,
            () ->
                new convolution_forward.primitive_desc(
                    cpu.engine(),
                    prop_kind.forward_inference.value,
                    algorithm.convolution_direct.value,
                    x,
                    kernels(images.type, memory.format_tag.any, down, across),
                    sums,
                    step,
                    new long[] {down.distance() - 1, across.distance() - 1},
                    before,
                    after,
                    cpu.attributes(),
                    false));
    return primitive(images.use, part, description)
        .argument(DNNL_ARG_SRC, x)
        .argument(DNNL_ARG_DST, sums)
        .constant(
            DNNL_ARG_WEIGHTS,
            description.weights_desc(),
            kernels(DType.F32, memory.format_tag.goihw, down, across),
            factors(down, across))
        .buildForLanes();
  }

  private memory.desc kernels(
      DType kernelType, memory.format_tag layout, WinogradTaps down, WinogradTaps across) {
    return CpuBackend.describe(
        kernelType, layout, images.channels, 1, 1, down.count(), across.count());
  }

  private float[] factors(WinogradTaps down, WinogradTaps across) {
    float[] factors = new float[images.channels * down.count() * across.count()];
    int i = 0;
    for (int c = 0; c < images.channels; c++) {
      for (float ofRow : down.factors()) {
        for (float ofColumn : across.factors()) {
          factors[i++] = ofRow * ofColumn;
        }
      }
    }
    return factors;
  }
}
