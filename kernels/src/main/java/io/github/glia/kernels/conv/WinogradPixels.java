package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Makes pixels of planes: {@code y = Aᵀ·m·A} of each tile m in F32 planes {@code [planes, tiles,
 * channels]}, with bias and ReLU where they follow.
 *
 * <p>The planes are looked at as images of places × tiles pixels, of which a kernel of one column
 * adds some: first those of one u into the columns of pixels, then those of all u into their rows.
 */
final class WinogradPixels extends OneDnnPlan {
  private final String use;
  private final WinogradTiles tiles;
  private final int places;
  private final List<WinogradTaps> taps;
  private final int channels;
  private final DType type;
  private final boolean bias;
  private final boolean relu;
  private final Map<WinogradTiles.Band, Sums> primitives = new HashMap<>();
  private final Map<WinogradTiles.Band, Sums> ofBands = new HashMap<>();

  /** The sums of a band, and copies that put its pixels beside each other. */
  private record Sums(List<LanePrimitive> across, List<LanePrimitive> down, List<Copy> copies) {}

  /** Of tiles from the place (row, column) in each image of a band on. */
  private record Copy(int row, int column, LanePrimitive primitive) {}

  WinogradPixels(
      CpuBackend cpu,
      String convolution,
      String use,
      WinogradTiles tiles,
      WinogradMatrices matrices,
      int channels,
      DType type,
      boolean bias,
      boolean relu) {
    super(cpu, convolution);
    this.use = use;
    this.tiles = tiles;
    places = matrices.places();
    taps = matrices.output();
    this.channels = channels;
    this.type = type;
    this.bias = bias;
    this.relu = relu;
  }

  /** The size of a plane of a band. */
  long planeBytes(WinogradTiles.Band band) {
    return (long) tiles.tilesOf(band) * channels * Float.BYTES;
  }

  /** The size of the sums across of a band. */
  long sumsBytes(WinogradTiles.Band band) {
    return (long) tiles.side() * places * planeBytes(band);
  }

  /** The size of the pixels of a band before they are put beside each other. */
  long pixelsBytes(WinogradTiles.Band band) {
    return (long) tiles.side() * tiles.side() * planeBytes(band);
  }

  /** Makes what is needed for a band. */
  void prepare(WinogradTiles.Band band) {
    WinogradTiles.Band form = tiles.form(band);
    ofBands.put(band, primitives.computeIfAbsent(form, f -> make(() -> sums(f))));
  }

  /** Adds up the planes of one u. */
  void across(int lane, int u, long planes, WinogradTiles.Band band, long into) {
    Sums sums = ofBands.get(band);
    long plane = planeBytes(band);
    for (int j = 0; j < tiles.side(); j++) {
      sums.across
          .get(j)
          .in(lane)
          .bind(DNNL_ARG_SRC, planes + taps.get(j).first() * plane)
          .bind(DNNL_ARG_DST, into + ((long) places * j + u) * plane)
          .run();
    }
  }

  /** Writes a band of images; {@code b} is 0 where there is no bias. */
  void run(int lane, long ofColumns, WinogradTiles.Band band, long b, long pixels, long images) {
    Sums sums = ofBands.get(band);
    long plane = planeBytes(band);
    int side = tiles.side();
    for (int i = 0; i < side; i++) {
      Primitive down = sums.down.get(i).in(lane);
      down.bind(DNNL_ARG_SRC, ofColumns + taps.get(i).first() * plane)
          .bind(DNNL_ARG_DST, pixels + (long) side * i * plane);
      if (bias) {
        down.bind(DNNL_ARG_BIAS, b);
      }
      down.run();
    }
    long row = (long) band.firstImage() * tiles.height() + (long) side * band.firstRow();
    for (int i = 0; i < sums.copies.size(); i++) {
      Copy copy = sums.copies.get(i);
      long tile = (long) copy.row * tiles.columns() + copy.column;
      long pixel = (row + (long) side * copy.row) * tiles.width() + (long) side * copy.column;
      copy.primitive
          .in(lane)
          .bind(DNNL_ARG_FROM, pixels + tile * channels * Float.BYTES)
          .bind(DNNL_ARG_TO, images + pixel * channels * type.bytes())
          .run();
    }
  }

  private Sums sums(WinogradTiles.Band form) {
    List<LanePrimitive> sumsAcross = new ArrayList<>();
    List<LanePrimitive> sumsDown = new ArrayList<>();
    int side = tiles.side();
    for (int k = 0; k < side; k++) {
      sumsAcross.add(sum(form, " across " + k, 1, taps.get(k), false));
      sumsDown.add(sum(form, " down " + k, side, taps.get(k), true));
    }
    List<Copy> copies = new ArrayList<>();
    int rows = Math.min(side * form.rows(), tiles.height() - side * form.firstRow());
    for (Part down : Part.of(rows, side)) {
      for (Part across : Part.of(tiles.width(), side)) {
        copies.add(copy(form, down, across));
      }
    }
    return new Sums(sumsAcross, sumsDown, copies);
  }

  /**
   * Of some planes in a row, of each {@code places} of them, into one.
   *
   * <p>A sum that begins at the second plane seems to read one behind the last; but its step is so
   * large that nothing is made of that one.
   */
  private LanePrimitive sum(
      WinogradTiles.Band form, String part, int columns, WinogradTaps sum, boolean last) {
    long n = tiles.tilesOf(form);
    memory.desc from = CpuBackend.images(DType.F32, columns, places, n, channels);
    memory.desc to = CpuBackend.images(DType.F32, columns, 1, n, channels);
    memory.desc biasLayout = CpuBackend.describe(DType.F32, memory.format_tag.x, channels);
    boolean withBias = last && bias;
    boolean withRelu = last && relu;
    post_ops after = new post_ops();
    if (withRelu) {
      FusedRelu.append(after);
    }
    primitive_attr attributes = cpu.attributes();
    attributes.set_post_ops(after);
    convolution_forward.primitive_desc description =
        describe(
            use,
            () ->
                new convolution_forward.primitive_desc(
                    cpu.engine(),
                    prop_kind.forward_inference.value,
                    algorithm.convolution_direct.value,
                    from,
                    kernels(memory.format_tag.any, sum),
                    withBias ? biasLayout : new memory.desc(),
                    to,
                    new long[] {places, 1},
                    new long[] {0, 0},
                    new long[] {0, 0},
                    new long[] {0, 0},
                    attributes,
                    false));
    Primitive.Builder builder =
        primitive(use, part + " " + form, description)
            .argument(DNNL_ARG_SRC, from)
            .argument(DNNL_ARG_DST, to)
            .constant(
                DNNL_ARG_WEIGHTS,
                description.weights_desc(),
                kernels(memory.format_tag.goihw, sum),
                forEachChannel(sum));
    if (withBias) {
      builder.argument(DNNL_ARG_BIAS, biasLayout);
    }
    return (withRelu ? FusedRelu.slope(builder, 0) : builder).buildForLanes();
  }

  private memory.desc kernels(memory.format_tag layout, WinogradTaps sum) {
    return CpuBackend.describe(DType.F32, layout, channels, 1, 1, sum.count(), 1);
  }

  private float[] forEachChannel(WinogradTaps sum) {
    float[] all = new float[channels * sum.count()];
    for (int i = 0; i < all.length; i++) {
      all[i] = sum.factors().get(i % sum.count());
    }
    return all;
  }

  /**
   * So many tiles of a row or column, and how many of their pixels in it lie inside the image: less
   * than its side of the last tile where that is cut.
   */
  private record Part(int firstTile, int tiles, int pixels) {
    static List<Part> of(int pixels, int side) {
      List<Part> parts = new ArrayList<>();
      if (pixels >= side) {
        parts.add(new Part(0, pixels / side, side));
      }
      if (pixels % side > 0) {
        parts.add(new Part(pixels / side, 1, pixels % side));
      }
      return parts;
    }
  }

  private Copy copy(WinogradTiles.Band form, Part down, Part across) {
    long plane = (long) tiles.tilesOf(form) * channels;
    long rowOfTiles = (long) tiles.columns() * channels;
    long row = (long) tiles.width() * channels;
    long[] sizes = {form.images(), down.tiles, down.pixels, across.tiles, across.pixels, channels};
    int side = tiles.side();
    long[] inPlanes = {form.rows() * rowOfTiles, rowOfTiles, side * plane, channels, plane, 1};
    long[] inImages = {tiles.height() * row, side * row, row, (long) side * channels, channels, 1};
    LanePrimitive copy =
        reorderForLanes(
            use,
            " at " + down.firstTile + " " + across.firstTile + " " + form,
            withoutOnes(DType.F32, sizes, inPlanes),
            withoutOnes(type, sizes, inImages));
    return new Copy(down.firstTile, across.firstTile, copy);
  }

  /** oneDNN refuses dimensions of one element whose distance is that of another dimension. */
  private static memory.desc withoutOnes(DType type, long[] sizes, long[] strides) {
    int[] longer = IntStream.range(0, sizes.length).filter(i -> sizes[i] > 1).toArray();
    if (longer.length == 0) {
      return CpuBackend.describe(type, memory.format_tag.x, 1);
    }
    return CpuBackend.strided(
        type,
        IntStream.of(longer).mapToLong(i -> sizes[i]).toArray(),
        IntStream.of(longer).mapToLong(i -> strides[i]).toArray());
  }
}
