package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.memory;

/**
 * The gradients of a convolution's weights and bias.
 *
 * <p>Of large images in half precision oneDNN computes at two thirds of the speed that it has with
 * smaller ones. So the gradients of bands of their rows are taken one after another and added up:
 * at 256×256 with 32 channels that is a sixth faster, with 64 a third. In F32 it is no faster.
 */
final class OneDnnWeightsGradient extends OneDnnPlan {
  /** Of x and dy, for each core. */
  private static final long BYTES_OF_A_BAND = 1 << 20;

  /** From how many bytes of x and dy on, for each core, an image is large. */
  private static final long BYTES_OF_A_LARGE_IMAGE = 4 * BYTES_OF_A_BAND;

  private final Conv2dShape shape;
  private final DType type;
  private final boolean bias;
  private final memory.desc biasLayout;
  private final memory.desc plainWeights;
  private final List<ConvolvedRows> bands;

  /** How often the bands are computed, each time an image on. */
  private final int repetitions;

  private final Map<ConvolvedRows, Primitive> gradients = new HashMap<>();
  private final List<Primitive> ofBands = new ArrayList<>();
  private Primitive addWeights;
  private Primitive addBias;
  private Primitive unpack;
  private long packedBytes;

  OneDnnWeightsGradient(CpuBackend cpu, String convolution, Conv2dPlan.Key key) {
    this(cpu, convolution, key, ConvolvedRows.all(key.shape()).plainWeights());
  }

  /**
   * @param weights where the gradient lies in dw, which may be that of more input channels
   */
  OneDnnWeightsGradient(
      CpuBackend cpu, String convolution, Conv2dPlan.Key key, memory.desc weights) {
    this(
        cpu,
        convolution,
        key,
        weights,
        rowsOfABand(key.shape(), key.input(), Runtime.getRuntime().availableProcessors()));
  }

  /**
   * @param rows of dy in a band; 0 takes all images at once
   */
  OneDnnWeightsGradient(
      CpuBackend cpu, String convolution, Conv2dPlan.Key key, memory.desc weights, int rows) {
    super(cpu, convolution);
    plainWeights = weights;
    shape = key.shape();
    type = key.input();
    bias = key.bias();
    biasLayout = ConvolvedRows.bias(key);
    bands = rows == 0 ? List.of(ConvolvedRows.all(shape)) : ConvolvedRows.bands(shape, rows);
    repetitions = rows == 0 ? 1 : shape.batch();
  }

  static int rowsOfABand(Conv2dShape s, DType type, int cores) {
    long in = s.input().count() / s.batch();
    long out = s.output().count() / s.batch();
    long imageBytes = (in + out) * type.bytes();
    if (type == DType.F32
        || imageBytes < cores * BYTES_OF_A_LARGE_IMAGE
        || !ConvolvedRows.canBeBands(s)) {
      return 0;
    }
    return (int) Math.max(1, cores * BYTES_OF_A_BAND * s.outHeight() / imageBytes);
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    prepare();
    return hasParts() ? 2 * packedBytes + biasBytes() : packedBytes;
  }

  private boolean hasParts() {
    return repetitions * bands.size() > 1;
  }

  /** Computes; {@code db} is null where there is no bias. For callers that hold the lock. */
  void run(Tensor x, long dy, Tensor dw, Tensor db, long scratch) {
    prepare();
    long part = scratch + packedBytes;
    long biasPart = part + packedBytes;
    boolean first = true;
    for (int image = 0; image < repetitions; image++) {
      for (int i = 0; i < bands.size(); i++) {
        ConvolvedRows band = bands.get(i);
        Primitive gradient =
            ofBands
                .get(i)
                .bind(DNNL_ARG_SRC, x.address() + band.placeInX(image, type))
                .bind(DNNL_ARG_DIFF_DST, dy + band.placeInY(image, type))
                .bind(DNNL_ARG_DIFF_WEIGHTS, first ? scratch : part);
        if (bias) {
          gradient.bind(DNNL_ARG_DIFF_BIAS, first ? db.address() : biasPart);
        }
        gradient.run();
        if (!first) {
          add(addWeights, part, scratch);
          if (bias) {
            add(addBias, biasPart, db.address());
          }
        }
        first = false;
      }
    }
    unpack.bind(DNNL_ARG_FROM, scratch).bind(DNNL_ARG_TO, dw).run();
  }

  private static void add(Primitive add, long part, long sum) {
    add.bind(DNNL_ARG_SRC_0, sum).bind(DNNL_ARG_SRC_1, part).bind(DNNL_ARG_DST, sum).run();
  }

  private void prepare() {
    if (unpack == null) {
      unpack = make(this::prepareGradients);
    }
  }

  /** What unpacks a gradient that they make. */
  private Primitive prepareGradients() {
    memory.desc layout = bands.get(0).anyWeights(DType.F32);
    for (ConvolvedRows band : bands) {
      ConvolvedRows form = band.form();
      if (!gradients.containsKey(form)) {
        memory.desc wanted = layout;
        convolution_backward_weights.primitive_desc description =
            describe("backwardWeights", () -> form.backwardWeights(cpu, type, wanted, biasLayout));
        layout = description.diff_weights_desc();
        gradients.put(form, gradient(form, description));
      }
      ofBands.add(gradients.get(form));
    }
    packedBytes = CpuBackend.aligned(layout.get_size());
    if (hasParts()) {
      addWeights = sum("add gradients", layout.get_size() / Float.BYTES);
      addBias = bias ? sum("add gradients of bias", shape.outChannels()) : null;
    }
    return reorder("unpack gradient", layout, plainWeights);
  }

  private Primitive gradient(
      ConvolvedRows form, convolution_backward_weights.primitive_desc description) {
    String use = "backwardWeights" + (gradients.isEmpty() ? "" : " " + gradients.size());
    Primitive.Builder builder =
        primitive(use, description)
            .argument(DNNL_ARG_SRC, form.x(type))
            .argument(DNNL_ARG_DIFF_DST, form.y(type))
            .argument(DNNL_ARG_DIFF_WEIGHTS, description.diff_weights_desc());
    if (bias) {
      builder.argument(DNNL_ARG_DIFF_BIAS, biasLayout);
    }
    return readsBesideTheImage() ? builder.zeroScratchpad().build() : builder.build();
  }

  /**
   * Of images of one or two columns in half precision, of which not every column is taken, oneDNN
   * 3.11 reads copies that it has not written: NaN of an earlier operation came out.
   */
  private boolean readsBesideTheImage() {
    return type != DType.F32 && shape.strideWidth() > 1 && shape.width() <= 2;
  }

  private Primitive sum(String use, long elements) {
    memory.desc flat = CpuBackend.describe(DType.F32, memory.format_tag.x, elements);
    return primitive(
            use,
            describe(
                use,
                () ->
                    new binary.primitive_desc(
                        cpu.engine(),
                        algorithm.binary_add.value,
                        flat,
                        flat,
                        flat,
                        cpu.attributes(),
                        false)))
        .argument(DNNL_ARG_SRC_0, flat)
        .argument(DNNL_ARG_SRC_1, flat)
        .argument(DNNL_ARG_DST, flat)
        .build();
  }

  private long biasBytes() {
    return bias ? CpuBackend.aligned((long) shape.outChannels() * Float.BYTES) : 0;
  }
}
