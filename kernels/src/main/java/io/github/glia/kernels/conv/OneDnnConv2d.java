package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Convolution by oneDNN. Its kernels want the weights in a layout of their own choice, so each
 * direction copies them there, or back, through the workspace: about 2 % of a training step in
 * BF16.
 */
final class OneDnnConv2d extends OneDnnPlan implements Conv2dPlan {
  private final Key key;
  private final Conv2dShape shape;
  private final ConvolvedRows rows;
  private final memory.desc computedDy;
  private final memory.desc bias;
  private final OneDnnWeightsGradient weightsGradient;

  private Primitive forward;
  private Primitive packForward;
  private Primitive backwardData;
  private Primitive packBackwardData;
  private Primitive convertGradient;
  private long packedBytes;
  private long packedBackwardBytes;

  OneDnnConv2d(CpuBackend cpu, Key key) {
    super(cpu, "conv2d " + key);
    this.key = key;
    shape = key.shape();
    rows = ConvolvedRows.all(shape);
    computedDy = rows.y(key.input());
    bias = ConvolvedRows.bias(key);
    weightsGradient = part(new OneDnnWeightsGradient(cpu, "conv2d " + key, key));
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "w", w, DType.F32, shape.weights());
    synchronized (cpu) {
      prepareForward();
      long packed = cpu.workspace(packedBytes);
      packForward.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      convolve(x, packed, b, y);
    }
  }

  @Override
  public void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    synchronized (cpu) {
      check("forward", "packed", packed, DType.U8, Shape.of((int) packedBytes()));
      convolve(x, packed.address(), b, y);
    }
  }

  private void convolve(Tensor x, long packed, Tensor b, Tensor y) {
    check("forward", "x", x, key.input(), shape.input());
    check("forward", "y", y, key.output(), shape.output());
    checkBias("forward", "b", b);
    forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_WEIGHTS, packed).bind(DNNL_ARG_DST, y);
    if (key.bias()) {
      forward.bind(DNNL_ARG_BIAS, b);
    }
    forward.run();
    y.changed();
  }

  @Override
  public long packedBytes() {
    synchronized (cpu) {
      prepareForward();
      return packedBytes;
    }
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    check("pack", "w", w, DType.F32, shape.weights());
    synchronized (cpu) {
      check("pack", "packed", packed, DType.U8, Shape.of((int) packedBytes()));
      packForward.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      packed.changed();
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.output(), shape.output());
    check("backwardData", "w", w, DType.F32, shape.weights());
    check("backwardData", "dx", dx, key.input(), shape.input());
    synchronized (cpu) {
      prepareBackwardData();
      long packed = cpu.workspace(packedBackwardBytes + convertedBytes());
      packBackwardData.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      backwardData
          .bind(DNNL_ARG_DIFF_DST, inComputedType(dy, packed + packedBackwardBytes))
          .bind(DNNL_ARG_WEIGHTS, packed)
          .bind(DNNL_ARG_DIFF_SRC, dx)
          .run();
      dx.changed();
    }
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.input(), shape.input());
    check("backwardWeights", "dy", dy, key.output(), shape.output());
    check("backwardWeights", "dw", dw, DType.F32, shape.weights());
    checkBias("backwardWeights", "db", db);
    synchronized (cpu) {
      long scratchBytes = weightsGradient.scratchBytes();
      long scratch = cpu.workspace(scratchBytes + convertedBytes());
      weightsGradient.run(x, inComputedType(dy, scratch + scratchBytes), dw, db, scratch);
      dw.changed();
      if (key.bias()) {
        db.changed();
      }
    }
  }

  private void prepareForward() {
    if (forward != null) {
      return;
    }
    primitive_attr attributes = key.relu() ? FusedRelu.attributes(cpu) : cpu.attributes();
    convolution_forward.primitive_desc description =
        describe("forward", () -> rows.forward(cpu, key.input(), bias, key.output(), attributes));
    Primitive.Builder builder =
        primitive("forward", description)
            .argument(DNNL_ARG_SRC, rows.x(key.input()))
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DST, rows.y(key.output()));
    if (key.bias()) {
      builder.argument(DNNL_ARG_BIAS, bias);
    }
    packedBytes = CpuBackend.aligned(description.weights_desc().get_size());
    packForward = reorder("pack", rows.plainWeights(), description.weights_desc());
    forward = key.relu() ? FusedRelu.slope(builder).build() : builder.build();
  }

  private void prepareBackwardData() {
    if (backwardData != null) {
      return;
    }
    convolution_backward_data.primitive_desc description =
        describe("backwardData", () -> rows.backwardData(cpu, key.input()));
    packedBackwardBytes = CpuBackend.aligned(description.weights_desc().get_size());
    packBackwardData =
        reorder("pack for backwardData", rows.plainWeights(), description.weights_desc());
    backwardData =
        primitive("backwardData", description)
            .argument(DNNL_ARG_DIFF_DST, computedDy)
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DIFF_SRC, rows.x(key.input()))
            .build();
  }

  /**
   * oneDNN takes gradients in the type of the input: an F32 dy of a BF16 convolution is rounded.
   */
  private long inComputedType(Tensor dy, long converted) {
    if (key.output() == key.input()) {
      return dy.address();
    }
    if (convertGradient == null) {
      convertGradient = reorder("convert dy", rows.y(key.output()), computedDy);
    }
    convertGradient.bind(DNNL_ARG_FROM, dy).bind(DNNL_ARG_TO, converted).run();
    return converted;
  }

  private long convertedBytes() {
    return key.output() == key.input() ? 0 : computedDy.get_size();
  }

  private static void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor("conv2d " + direction, argument, t, "cpu", dtype, shape);
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("conv2d " + direction, argument, b, "cpu", key.bias(), shape.bias());
  }
}
