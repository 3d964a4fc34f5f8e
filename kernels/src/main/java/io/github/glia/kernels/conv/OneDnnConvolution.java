package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.kernels.cpu.SharedPrimitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * The directions of a convolution by oneDNN, of arguments that were checked; for callers that hold
 * the lock. Its kernels want the weights in a layout of their own choice, so each direction copies
 * them there, or back: about 2 % of a training step in BF16.
 */
final class OneDnnConvolution extends OneDnnPlan {
  private final Conv2dPlan.Key key;
  private final boolean adds;
  private final memory.desc plainWeights;
  private final int parts;
  private final ConvolvedRows rows;
  private final memory.desc bias;
  private final OneDnnWeightsGradient weightsGradient;

  private SharedPrimitive forward;
  private Primitive packForward;
  private SharedPrimitive backwardData;
  private Primitive roundBackwardData;
  private Primitive packBackwardData;
  private long packedBytes;
  private long packedBackwardBytes;
  private long roundedBackwardBytes;

  OneDnnConvolution(CpuBackend cpu, String name, Conv2dPlan.Key key) {
    this(cpu, name, key, false, ConvolvedRows.all(key.shape()).plainWeights());
  }

  /**
   * @param adds whether forward adds to what is in y, before the ReLU
   * @param plainWeights where the weights lie in w and dw, which may be those of more channels
   */
  OneDnnConvolution(
      CpuBackend cpu, String name, Conv2dPlan.Key key, boolean adds, memory.desc plainWeights) {
    super(cpu, name);
    this.key = key;
    this.adds = adds;
    this.plainWeights = plainWeights;
    int images = key.shape().batch();
    parts = cpu.lanes().partsOf(images);
    rows = ConvolvedRows.all(key.shape()).ofImages(images / parts);
    bias = ConvolvedRows.bias(key);
    weightsGradient = part(new OneDnnWeightsGradient(cpu, name, key, plainWeights));
  }

  /** The size of weights as forward wants them. */
  long packedBytes() {
    prepareForward();
    return packedBytes;
  }

  void pack(Tensor w, long packed) {
    prepareForward();
    packForward.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
  }

  /** {@code b} is null where there is no bias. */
  void forward(Tensor x, long packed, Tensor b, Tensor y) {
    prepareForward();
    forward
        .bind(DNNL_ARG_SRC, x.address(), rows.placeInX(1, key.input()))
        .bind(DNNL_ARG_WEIGHTS, packed)
        .bind(DNNL_ARG_DST, y.address(), rows.placeInY(1, key.output()));
    if (key.bias()) {
      forward.bind(DNNL_ARG_BIAS, b.address());
    }
    forward.run();
  }

  /** Memory that {@link #backwardData} needs besides its arguments. */
  long backwardDataBytes() {
    prepareBackwardData();
    return packedBackwardBytes + roundedBackwardBytes;
  }

  /** {@code dy} is in the type of x. */
  void backwardData(long dy, Tensor w, Tensor dx, long scratch) {
    prepareBackwardData();
    packForBackwardData(w, scratch);
    backwardData
        .bind(DNNL_ARG_DIFF_DST, dy, rows.placeInY(1, key.input()))
        .bind(DNNL_ARG_WEIGHTS, scratch)
        .bind(DNNL_ARG_DIFF_SRC, dx.address(), rows.placeInX(1, key.input()))
        .run();
  }

  private void packForBackwardData(Tensor w, long packed) {
    long from = w.address();
    if (roundBackwardData != null) {
      from = packed + packedBackwardBytes;
      roundBackwardData.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, from).run();
    }
    packBackwardData.bind(DNNL_ARG_FROM, from).bind(DNNL_ARG_TO, packed).run();
  }

  /** Memory that {@link #backwardWeights} needs besides its arguments. */
  long backwardWeightsBytes() {
    return weightsGradient.scratchBytes();
  }

  /** {@code dy} is in the type of x; {@code db} is null where there is no bias. */
  void backwardWeights(Tensor x, long dy, Tensor dw, Tensor db, long scratch) {
    weightsGradient.run(x, dy, dw, db, scratch);
  }

  private void prepareForward() {
    if (forward != null) {
      return;
    }
    primitive_attr attributes = cpu.attributes();
    post_ops after = new post_ops();
    if (adds) {
      after.append_sum();
    }
    if (key.relu()) {
      FusedRelu.append(after);
    }
    attributes.set_post_ops(after);
    forward = shared("forward", parts, () -> forward(attributes));
  }

  private Primitive.Builder forward(primitive_attr attributes) {
    convolution_forward.primitive_desc description =
        describe("forward", () -> rows.forward(cpu, key.input(), bias, key.output(), attributes));
    if (packForward == null) {
      packedBytes = CpuBackend.aligned(description.weights_desc().get_size());
      packForward = reorder("pack", plainWeights, description.weights_desc());
    }
    Primitive.Builder builder =
        primitive("forward", description)
            .argument(DNNL_ARG_SRC, rows.x(key.input()))
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DST, rows.y(key.output()));
    if (key.bias()) {
      builder.argument(DNNL_ARG_BIAS, bias);
    }
    if (key.relu()) {
      FusedRelu.slope(builder, adds ? 1 : 0);
    }
    return rows.readUnwrittenCopies(key.input()) ? builder.zeroScratchpad() : builder;
  }

  private void prepareBackwardData() {
    if (backwardData == null) {
      backwardData = shared("backwardData", parts, this::backwardData);
    }
  }

  private Primitive.Builder backwardData() {
    convolution_backward_data.primitive_desc description =
        describe("backwardData", () -> rows.backwardData(cpu, key.input()));
    if (packBackwardData == null) {
      preparePackingForBackwardData(description.weights_desc());
    }
    return primitive("backwardData", description)
        .argument(DNNL_ARG_DIFF_DST, rows.y(key.input()))
        .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
        .argument(DNNL_ARG_DIFF_SRC, rows.x(key.input()));
  }

  /**
   * In half precision in two steps: the layout wants weights across the order in which they lie,
   * and that waits for memory once they are in no cache. Rounded in their order first, they are.
   */
  private void preparePackingForBackwardData(memory.desc wanted) {
    memory.desc from = plainWeights;
    packedBackwardBytes = CpuBackend.aligned(wanted.get_size());
    if (key.input() != DType.F32) {
      memory.desc rounded = rows.plainWeights(key.input());
      roundedBackwardBytes = CpuBackend.aligned(rounded.get_size());
      roundBackwardData = reorder("round for backwardData", from, rounded);
      from = rounded;
    }
    packBackwardData = reorder("pack for backwardData", from, wanted);
  }
}
