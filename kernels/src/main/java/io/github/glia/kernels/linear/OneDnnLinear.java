package io.github.glia.kernels.linear;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
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
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;

/**
 * The affine map by oneDNN, which calls it inner product. Its kernels want the weights in a layout
 * of their own choice, so each direction copies them there, or back, through the workspace.
 */
final class OneDnnLinear extends OneDnnPlan implements LinearPlan {
  private static final memory.desc NONE = new memory.desc();

  private final Key key;
  private final LinearShape shape;
  private final Shape xShape;
  private final Shape wShape;
  private final Shape bShape;
  private final Shape yShape;
  private final memory.desc x;
  private final memory.desc y;
  private final memory.desc plainWeights;
  private final memory.desc bias;

  private inner_product_forward.primitive_desc hint;
  private Primitive forward;
  private Primitive packForward;
  private Primitive backwardData;
  private Primitive packBackwardData;
  private Primitive backwardWeights;
  private Primitive unpackGradient;
  private long packedBytes;
  private long packedBackwardBytes;
  private long packedGradientBytes;

  OneDnnLinear(CpuBackend cpu, Key key) {
    super(cpu, "linear " + key);
    this.key = key;
    this.shape = key.shape();
    xShape = shape.input();
    wShape = shape.weights();
    bShape = shape.bias();
    yShape = shape.output();
    x = matrix(key.type(), memory.format_tag.ab, shape.input());
    y = matrix(key.type(), memory.format_tag.ab, shape.output());
    plainWeights = matrix(DType.F32, memory.format_tag.ab, shape.weights());
    bias = CpuBackend.describe(DType.F32, memory.format_tag.x, shape.outFeatures());
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "x", x, key.type(), xShape);
    check("forward", "w", w, DType.F32, wShape);
    checkBias("forward", "b", b);
    check("forward", "y", y, key.type(), yShape);
    synchronized (cpu) {
      prepareForward();
      long packed = cpu.workspace(packedBytes);
      packForward.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_WEIGHTS, packed).bind(DNNL_ARG_DST, y);
      if (key.bias()) {
        forward.bind(DNNL_ARG_BIAS, b);
      }
      forward.run();
      y.changed();
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.type(), yShape);
    check("backwardData", "w", w, DType.F32, wShape);
    check("backwardData", "dx", dx, key.type(), xShape);
    synchronized (cpu) {
      prepareBackwardData();
      long packed = cpu.workspace(packedBackwardBytes);
      packBackwardData.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      backwardData
          .bind(DNNL_ARG_DIFF_DST, dy)
          .bind(DNNL_ARG_WEIGHTS, packed)
          .bind(DNNL_ARG_DIFF_SRC, dx)
          .run();
      dx.changed();
    }
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.type(), xShape);
    check("backwardWeights", "dy", dy, key.type(), yShape);
    check("backwardWeights", "dw", dw, DType.F32, wShape);
    checkBias("backwardWeights", "db", db);
    synchronized (cpu) {
      prepareBackwardWeights();
      long packed = cpu.workspace(packedGradientBytes);
      backwardWeights
          .bind(DNNL_ARG_SRC, x)
          .bind(DNNL_ARG_DIFF_DST, dy)
          .bind(DNNL_ARG_DIFF_WEIGHTS, packed);
      if (key.bias()) {
        backwardWeights.bind(DNNL_ARG_DIFF_BIAS, db);
        db.changed();
      }
      backwardWeights.run();
      unpackGradient.bind(DNNL_ARG_FROM, packed).bind(DNNL_ARG_TO, dw).run();
      dw.changed();
    }
  }

  private void prepareForward() {
    if (forward != null) {
      return;
    }
    inner_product_forward.primitive_desc description =
        describeForward("forward", key.bias() ? bias : NONE);
    Primitive.Builder builder =
        primitive("forward", description)
            .argument(DNNL_ARG_SRC, x)
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DST, y);
    if (key.bias()) {
      builder.argument(DNNL_ARG_BIAS, bias);
    }
    packedBytes = description.weights_desc().get_size();
    packForward = reorder("pack", plainWeights, description.weights_desc());
    forward = builder.build();
  }

  private void prepareBackwardData() {
    if (backwardData != null) {
      return;
    }
    inner_product_backward_data.primitive_desc description =
        describe(
            "backwardData",
            () ->
                new inner_product_backward_data.primitive_desc(
                    cpu.engine(),
                    x,
                    matrix(key.type(), memory.format_tag.any, shape.weights()),
                    y,
                    hint(),
                    cpu.attributes(),
                    false));
    packedBackwardBytes = description.weights_desc().get_size();
    packBackwardData = reorder("pack for backwardData", plainWeights, description.weights_desc());
    backwardData =
        primitive("backwardData", description)
            .argument(DNNL_ARG_DIFF_DST, y)
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DIFF_SRC, x)
            .build();
  }

  private void prepareBackwardWeights() {
    if (backwardWeights != null) {
      return;
    }
    inner_product_backward_weights.primitive_desc description =
        describe(
            "backwardWeights",
            () ->
                new inner_product_backward_weights.primitive_desc(
                    cpu.engine(),
                    x,
                    matrix(DType.F32, memory.format_tag.any, shape.weights()),
                    key.bias() ? bias : NONE,
                    y,
                    hint(),
                    cpu.attributes(),
                    false));
    packedGradientBytes = description.diff_weights_desc().get_size();
    unpackGradient = reorder("unpack gradient", description.diff_weights_desc(), plainWeights);
    Primitive.Builder builder =
        primitive("backwardWeights", description)
            .argument(DNNL_ARG_SRC, x)
            .argument(DNNL_ARG_DIFF_DST, y)
            .argument(DNNL_ARG_DIFF_WEIGHTS, description.diff_weights_desc());
    if (key.bias()) {
      builder.argument(DNNL_ARG_DIFF_BIAS, bias);
    }
    backwardWeights = builder.build();
  }

  /** oneDNN chooses the backward implementations by the forward one. */
  private inner_product_forward.primitive_desc hint() {
    if (hint == null) {
      hint = describeForward("backward hint", NONE);
    }
    return hint;
  }

  private inner_product_forward.primitive_desc describeForward(
      String use, memory.desc optionalBias) {
    return describe(
        use,
        () ->
            new inner_product_forward.primitive_desc(
                cpu.engine(),
                prop_kind.forward_training.value,
                x,
                matrix(key.type(), memory.format_tag.any, shape.weights()),
                optionalBias,
                y,
                cpu.attributes(),
                false));
  }

  private static memory.desc matrix(DType dtype, memory.format_tag layout, Shape shape) {
    return CpuBackend.describe(dtype, layout, shape.size(0), shape.size(1));
  }

  private static void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor("linear", direction, argument, t, "cpu", dtype, shape);
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("linear", direction, argument, b, "cpu", key.bias(), bShape);
  }
}
