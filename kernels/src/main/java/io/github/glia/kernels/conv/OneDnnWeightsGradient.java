package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Lanes;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.kernels.cpu.SharedPrimitive;
import io.github.glia.kernels.cpu.SumOfPixels;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.List;
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
  private final String name;
  private final Conv2dShape shape;
  private final DType type;
  private final boolean bias;
  private final memory.desc biasLayout;
  private final memory.desc plainWeights;
  private final ConvolvedParts parts;
  private final long[] placesInX;
  private final long[] placesInY;

  private SharedPrimitive gradients;
  private SumOfPixels sum;
  private Primitive unpack;
  private Primitive copyBias;
  private long packedBytes;

  /** Of the gradients of a part: of the weights as oneDNN has them, and of the bias. */
  private long partBytes;

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
        ConvolvedParts.ofGradient(key.shape(), key.input(), cpu.lanes().count()));
  }

  OneDnnWeightsGradient(
      CpuBackend cpu,
      String convolution,
      Conv2dPlan.Key key,
      memory.desc weights,
      ConvolvedParts parts) {
    super(cpu, convolution);
    name = convolution + " backwardWeights";
    plainWeights = weights;
    shape = key.shape();
    type = key.input();
    bias = key.bias();
    biasLayout = ConvolvedRows.bias(key);
    this.parts = parts;
    placesInX = parts.placesInX(type);
    placesInY = parts.placesInY(type);
  }

  /** Memory that {@link #run} needs besides its arguments. */
  long scratchBytes() {
    prepare();
    return parts.count() == 1 ? packedBytes : (1 + parts.count()) * partBytes;
  }

  /** Computes; {@code db} is null where there is no bias. For callers that hold the lock. */
  void run(Tensor x, long dy, Tensor dw, Tensor db, long scratch) {
    prepare();
    if (parts.count() == 1) {
      differentiate(x, dy, scratch, bias ? db.address() : 0);
    } else {
      addUpParts(x, dy, scratch, db);
    }
    unpack.bind(DNNL_ARG_FROM, scratch).bind(DNNL_ARG_TO, dw).run();
  }

  private void addUpParts(Tensor x, long dy, long scratch, Tensor db) {
    long ofParts = scratch + partBytes;
    differentiate(x, dy, ofParts, ofParts + packedBytes);
    sum.run(ofParts, scratch);
    if (bias) {
      copyBias.bind(DNNL_ARG_FROM, scratch + packedBytes).bind(DNNL_ARG_TO, db).run();
    }
  }

  private void differentiate(Tensor x, long dy, long dwOfParts, long dbOfParts) {
    gradients
        .bind(DNNL_ARG_SRC, x.address(), placesInX)
        .bind(DNNL_ARG_DIFF_DST, dy, placesInY)
        .bind(DNNL_ARG_DIFF_WEIGHTS, dwOfParts, partBytes);
    if (bias) {
      gradients.bind(DNNL_ARG_DIFF_BIAS, dbOfParts, partBytes);
    }
    gradients.run();
  }

  private void prepare() {
    if (gradients == null) {
      gradients = make(this::gradients);
    }
  }

  private SharedPrimitive gradients() {
    List<ConvolvedRows> forms = parts.forms();
    memory.desc layout = asForParts(forms.size(), () -> favourite(forms.get(0)));
    packedBytes = CpuBackend.aligned(layout.get_size());
    partBytes = packedBytes + biasBytes();
    unpack = reorder("unpack gradient", layout, plainWeights);
    if (parts.count() > 1) {
      long floats = partBytes / Float.BYTES;
      sum = part(new SumOfPixels(cpu, name, "add parts", parts.count(), floats, DType.F32));
      if (bias) {
        copyBias = reorder("copy gradient of bias", biasLayout, biasLayout);
      }
    }
    return shared("backwardWeights", forms, (rows, part) -> gradient(rows, part, layout));
  }

  /** The layout of weights that oneDNN likes best; all bands have the same, to be added up. */
  private memory.desc favourite(ConvolvedRows band) {
    return describeGradient(band, band.anyWeights(DType.F32)).diff_weights_desc();
  }

  private convolution_backward_weights.primitive_desc describeGradient(
      ConvolvedRows rows, memory.desc weights) {
    return describe("backwardWeights", () -> rows.backwardWeights(cpu, type, weights, biasLayout));
  }

  private Primitive.Builder gradient(ConvolvedRows rows, String part, memory.desc layout) {
    Primitive.Builder builder =
        primitive("backwardWeights", part, describeGradient(rows, layout))
            .argument(DNNL_ARG_SRC, rows.x(type))
            .argument(DNNL_ARG_DIFF_DST, rows.y(type))
            .argument(DNNL_ARG_DIFF_WEIGHTS, layout);
    if (bias) {
      builder.argument(DNNL_ARG_DIFF_BIAS, biasLayout);
    }
    return rows.readUnwrittenCopies(type) ? builder.zeroScratchpad() : builder;
  }

  private long biasBytes() {
    return bias ? CpuBackend.aligned((long) shape.outChannels() * Float.BYTES) : 0;
  }
}
