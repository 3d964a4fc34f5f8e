package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.LanePrimitive;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.kernels.cpu.SumOfPixels;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.memory;

/**
 * The gradients of a convolution's weights and bias.
 *
 * <p>In half precision those of bands of rows are taken by {@link Lanes}, each in a place of its
 * own, and added up then: as fast as by oneDNN's threads, and faster beside another program. In F32
 * it is slower.
 */
final class OneDnnWeightsGradient extends OneDnnPlan {
  /** Of x and dy, about. */
  private static final long BYTES_OF_A_BAND = 1 << 20;

  /** From how many bytes of x and dy on for each byte that is added up adding takes little time. */
  private static final long BYTES_THAT_PAY = 2;

  private final Lanes lanes;
  private final String name;
  private final Conv2dShape shape;
  private final DType type;
  private final boolean bias;
  private final memory.desc biasLayout;
  private final memory.desc plainWeights;
  private final List<ConvolvedRows> bands;

  /** How often there are these bands, each time an image on. */
  private final int images;

  private final int parts;
  private final Lanes.Body differentiatePart = this::differentiatePart;
  private final Map<ConvolvedRows, LanePrimitive> gradients = new HashMap<>();
  private final List<LanePrimitive> ofBands = new ArrayList<>();
  private SumOfPixels sum;
  private Primitive unpack;
  private Primitive copyBias;
  private long packedBytes;

  /** Of the gradients of a part: of the weights as oneDNN has them, and of the bias. */
  private long partBytes;

  /** The arguments of the call that runs. */
  private long x;

  private long dy;
  private long ofParts;

  /**
   * @param weights where the gradient lies in dw, which may be that of more input channels
   */
  OneDnnWeightsGradient(
      CpuBackend cpu, String convolution, Conv2dPlan.Key key, memory.desc weights) {
    this(
        cpu, convolution, key, weights, rowsOfABand(key.shape(), key.input(), cpu.lanes().count()));
  }

  /**
   * @param rows of dy in a band; 0 takes all images at once
   */
  OneDnnWeightsGradient(
      CpuBackend cpu, String convolution, Conv2dPlan.Key key, memory.desc weights, int rows) {
    super(cpu, convolution);
    lanes = cpu.lanes();
    name = convolution + " backwardWeights";
    plainWeights = weights;
    shape = key.shape();
    type = key.input();
    bias = key.bias();
    biasLayout = ConvolvedRows.bias(key);
    bands = rows == 0 ? List.of(ConvolvedRows.all(shape)) : ConvolvedRows.bands(shape, rows);
    images = rows == 0 ? 1 : shape.batch();
    parts = images * bands.size();
  }

  static int rowsOfABand(Conv2dShape s, DType type, int lanes) {
    long bytes = (s.input().count() + s.output().count()) * type.bytes();
    long wanted = ConvolvedRows.canBeBands(s) ? bytes / s.batch() / BYTES_OF_A_BAND : 1;
    int rows = (int) Math.max(1, s.outHeight() / Math.max(1, wanted));
    long parts = (long) s.batch() * ((s.outHeight() + rows - 1) / rows);
    long addedBytes = parts * s.weights().count() * Float.BYTES;
    boolean pays = bytes >= BYTES_OF_A_BAND && bytes >= BYTES_THAT_PAY * addedBytes;
    return type != DType.F32 && parts >= lanes && pays ? rows : 0;
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    prepare();
    return parts == 1 ? packedBytes : (1 + parts) * partBytes;
  }

  /** Computes; {@code db} is null where there is no bias. For callers that hold the lock. */
  void run(Tensor input, long gradient, Tensor dw, Tensor db, long scratch) {
    prepare();
    x = input.address();
    dy = gradient;
    if (parts == 1) {
      differentiate(0, 0, scratch, bias ? db.address() : 0);
    } else {
      addUpParts(scratch, db);
    }
    unpack.bind(DNNL_ARG_FROM, scratch).bind(DNNL_ARG_TO, dw).run();
  }

  private void addUpParts(long scratch, Tensor db) {
    ofParts = scratch + partBytes;
    long began = cpu.kernelBegins();
    lanes.forEach(parts, differentiatePart);
    cpu.kernelEnded(name, ofBands.get(0).in(0).implementation(), began);
    sum.run(ofParts, scratch);
    if (bias) {
      copyBias.bind(DNNL_ARG_FROM, scratch + packedBytes).bind(DNNL_ARG_TO, db).run();
    }
  }

  private void differentiatePart(int lane, int part) {
    long into = ofParts + part * partBytes;
    differentiate(lane, part, into, into + packedBytes);
  }

  private void differentiate(int lane, int part, long dwOfPart, long dbOfPart) {
    int i = part % bands.size();
    int image = part / bands.size();
    ConvolvedRows band = bands.get(i);
    Primitive gradient =
        ofBands
            .get(i)
            .in(lane)
            .bind(DNNL_ARG_SRC, x + band.placeInX(image, type))
            .bind(DNNL_ARG_DIFF_DST, dy + band.placeInY(image, type))
            .bind(DNNL_ARG_DIFF_WEIGHTS, dwOfPart);
    if (bias) {
      gradient.bind(DNNL_ARG_DIFF_BIAS, dbOfPart);
    }
    gradient.run();
  }

  private void prepare() {
    if (unpack == null) {
      unpack = make(this::prepareGradients);
    }
  }

  /** What unpacks a gradient that they make. */
  private Primitive prepareGradients() {
    ConvolvedRows any = bands.get(0);
    memory.desc layout = parts == 1 ? favourite(any) : lanes.make(() -> favourite(any));
    for (ConvolvedRows band : bands) {
      ofBands.add(
          gradients.computeIfAbsent(
              band.form(), form -> forLanes(parts, () -> gradient(form, layout))));
    }
    packedBytes = CpuBackend.aligned(layout.get_size());
    partBytes = packedBytes + biasBytes();
    if (parts > 1) {
      long floats = partBytes / Float.BYTES;
      sum = part(new SumOfPixels(cpu, name, "add parts", parts, floats, DType.F32));
    }
    if (bias && parts > 1) {
      copyBias = reorder("copy gradient of bias", biasLayout, biasLayout);
    }
    return reorder("unpack gradient", layout, plainWeights);
  }

  /** The layout of weights that oneDNN likes best; all bands have the same, to be added up. */
  private memory.desc favourite(ConvolvedRows band) {
    return describeGradient(band, band.anyWeights(DType.F32)).diff_weights_desc();
  }

  private convolution_backward_weights.primitive_desc describeGradient(
      ConvolvedRows rows, memory.desc weights) {
    return describe("backwardWeights", () -> rows.backwardWeights(cpu, type, weights, biasLayout));
  }

  private Primitive.Builder gradient(ConvolvedRows form, memory.desc layout) {
    String part = gradients.isEmpty() ? "" : " " + gradients.size();
    Primitive.Builder builder =
        primitive("backwardWeights", part, describeGradient(form, layout))
            .argument(DNNL_ARG_SRC, form.x(type))
            .argument(DNNL_ARG_DIFF_DST, form.y(type))
            .argument(DNNL_ARG_DIFF_WEIGHTS, layout);
    if (bias) {
      builder.argument(DNNL_ARG_DIFF_BIAS, biasLayout);
    }
    return readsBesideTheImage() ? builder.zeroScratchpad() : builder;
  }

  /**
   * Of images of one or two columns in half precision, of which not every column is taken, oneDNN
   * 3.11 reads copies that it has not written: NaN of an earlier operation came out.
   */
  private boolean readsBesideTheImage() {
    return type != DType.F32 && shape.strideWidth() > 1 && shape.width() <= 2;
  }

  private long biasBytes() {
    return bias ? CpuBackend.aligned((long) shape.outChannels() * Float.BYTES) : 0;
  }
}
