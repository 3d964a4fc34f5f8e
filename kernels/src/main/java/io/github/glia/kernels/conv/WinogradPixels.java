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
 * Makes pixels of planes: {@code y = Aᵀ·m·A} of each tile m in F32 planes {@code [16, tiles,
 * channels]}, with bias and ReLU where they follow.
 *
 * <p>The planes are looked at as images of 4 × tiles pixels, of which a kernel of 3 × 1 adds three:
 * first those of one u into left and right pixels, then those of all u into upper and lower ones.
 * So each pixel is made of just the 3 × 3 places that it depends on, and NaN spreads no further.
 */
final class WinogradPixels extends OneDnnPlan {
  /** The rows of Aᵀ without their 0: the second begins one place further. */
  private static final float[][] SUMS = {{1, 1, 1}, {1, -1, -1}};

  private final String use;
  private final WinogradTiles tiles;
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
      int channels,
      DType type,
      boolean bias,
      boolean relu) {
    super(cpu, convolution);
    this.use = use;
    this.tiles = tiles;
    this.channels = channels;
    this.type = type;
    this.bias = bias;
    this.relu = relu;
  }

  /** The size of a plane of a band. */
  long planeBytes(WinogradTiles.Band band) {
    return (long) tiles.tilesOf(band) * channels * Float.BYTES;
  }

  /** The size of the sums across of a band, 8 planes. */
  long sumsBytes(WinogradTiles.Band band) {
    return 8 * planeBytes(band);
  }

  /** The size of the pixels of a band before they are put beside each other, 4 planes. */
  long pixelsBytes(WinogradTiles.Band band) {
    return 4 * planeBytes(band);
  }

  /** Makes what is needed for a band. */
  void prepare(WinogradTiles.Band band) {
    WinogradTiles.Band form = tiles.form(band);
    ofBands.put(band, primitives.computeIfAbsent(form, f -> make(() -> sums(f))));
  }

  /** Adds up the four planes of one u. */
  void across(int lane, int u, long planes, WinogradTiles.Band band, long into) {
    Sums sums = ofBands.get(band);
    long plane = planeBytes(band);
    for (int j = 0; j < 2; j++) {
      sums.across
          .get(j)
          .in(lane)
          .bind(DNNL_ARG_SRC, planes + j * plane)
          .bind(DNNL_ARG_DST, into + (4L * j + u) * plane)
          .run();
    }
  }

  /** Writes a band of images; {@code b} is 0 where there is no bias. */
  void run(int lane, long halves, WinogradTiles.Band band, long b, long pixels, long images) {
    Sums sums = ofBands.get(band);
    long plane = planeBytes(band);
    for (int i = 0; i < 2; i++) {
      Primitive down = sums.down.get(i).in(lane);
      down.bind(DNNL_ARG_SRC, halves + i * plane).bind(DNNL_ARG_DST, pixels + 2L * i * plane);
      if (bias) {
        down.bind(DNNL_ARG_BIAS, b);
      }
      down.run();
    }
    long row = (long) band.firstImage() * tiles.height() + 2L * band.firstRow();
    for (int i = 0; i < sums.copies.size(); i++) {
      Copy copy = sums.copies.get(i);
      long tile = (long) copy.row * tiles.columns() + copy.column;
      long pixel = (row + 2L * copy.row) * tiles.width() + 2L * copy.column;
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
    for (int k = 0; k < 2; k++) {
      sumsAcross.add(sum(form, " across " + k, 1, SUMS[k], false));
      sumsDown.add(sum(form, " down " + k, 2, SUMS[k], true));
    }
    List<Copy> copies = new ArrayList<>();
    int rows = Math.min(2 * form.rows(), tiles.height() - 2 * form.firstRow());
    for (Part down : Part.of(rows)) {
      for (Part across : Part.of(tiles.width())) {
        copies.add(copy(form, down, across));
      }
    }
    return new Sums(sumsAcross, sumsDown, copies);
  }

  /**
   * Of three planes in a row of each four, into one.
   *
   * <p>The second sum begins at the second plane, and so seems to read one behind the last; but its
   * step is 2, so that nothing is made of that one.
   */
  private LanePrimitive sum(
      WinogradTiles.Band form, String part, int fours, float[] sum, boolean last) {
    long n = tiles.tilesOf(form);
    memory.desc from = CpuBackend.images(DType.F32, fours, 4, n, channels);
    memory.desc to = CpuBackend.images(DType.F32, fours, 1, n, channels);
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
                    kernels(memory.format_tag.any),
                    withBias ? biasLayout : new memory.desc(),
                    to,
                    new long[] {2, 1},
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
                kernels(memory.format_tag.goihw),
                forEachChannel(sum));
    if (withBias) {
      builder.argument(DNNL_ARG_BIAS, biasLayout);
    }
    return (withRelu ? FusedRelu.slope(builder, 0) : builder).buildForLanes();
  }

  private memory.desc kernels(memory.format_tag layout) {
    return CpuBackend.describe(DType.F32, layout, channels, 1, 1, 3, 1);
  }

  private float[] forEachChannel(float[] kernel) {
    float[] all = new float[channels * kernel.length];
    for (int c = 0; c < channels; c++) {
      System.arraycopy(kernel, 0, all, c * kernel.length, kernel.length);
    }
    return all;
  }

  /**
   * So many tiles of a row or column, and how many of their two pixels lie inside the image: one of
   * the last tile where it is cut in half.
   */
  private record Part(int firstTile, int tiles, int pixels) {
    static List<Part> of(int pixels) {
      List<Part> parts = new ArrayList<>();
      if (pixels > 1) {
        parts.add(new Part(0, pixels / 2, 2));
      }
      if (pixels % 2 == 1) {
        parts.add(new Part(pixels / 2, 1, 1));
      }
      return parts;
    }
  }

  private Copy copy(WinogradTiles.Band form, Part down, Part across) {
    long plane = (long) tiles.tilesOf(form) * channels;
    long rowOfTiles = (long) tiles.columns() * channels;
    long row = (long) tiles.width() * channels;
    long[] sizes = {form.images(), down.tiles, down.pixels, across.tiles, across.pixels, channels};
    long[] inPlanes = {form.rows() * rowOfTiles, rowOfTiles, 2 * plane, channels, plane, 1};
    long[] inImages = {tiles.height() * row, 2 * row, row, 2L * channels, channels, 1};
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
