package io.github.glia.kernels.convtranspose;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
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
import io.github.glia.kernels.cpu.SharedPrimitive;
import io.github.glia.kernels.cpu.SumOfPixels;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.deconvolution_backward_data;
import org.bytedeco.dnnl.deconvolution_backward_weights;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * Transposed convolution by oneDNN, which calls it deconvolution. Its kernels want the weights in a
 * layout of their own choice, so each direction copies them there, or back, through the workspace.
 *
 * <p>The gradient of the bias is a product of its own: asked for together with that of the weights,
 * oneDNN takes four times as long for both.
 */
class OneDnnConvTranspose2d extends OneDnnPlan implements ConvTranspose2dPlan {
  private static final memory.desc NONE = new memory.desc();
  private static final int DIRECT = algorithm.deconvolution_direct.value;

  private final Key key;
  private final ConvTranspose2dShape shape;
  private final Shape xShape;
  private final Shape wShape;
  private final Shape bShape;
  private final Shape yShape;
  private final memory.desc x;
  private final memory.desc y;

  /** What lanes compute beside each other: rows of pixels, one after another. */
  private final int parts;

  private final memory.desc xOfAPart;
  private final memory.desc yOfAPart;
  private final memory.desc plainWeights;
  private final memory.desc bias;
  private final SumOfPixels biasGradient;
  private final long[] strides;
  private final long[] paddingBefore;
  private final long[] paddingAfter;

  private SharedPrimitive forward;
  private Primitive packForward;
  private SharedPrimitive backwardData;
  private Primitive packBackwardData;
  private Primitive backwardWeights;
  private Primitive unpackGradient;
  private long packedBytes;
  private volatile Shape packedShape;
  private long packedBackwardBytes;
  private long packedGradientBytes;

  OneDnnConvTranspose2d(CpuBackend cpu, Key key) {
    this(cpu, key, 1);
  }

  /**
   * @param parts in which y is computed of x and dx of dy; more than one where no row of y is made
   *     of several rows of x
   */
  OneDnnConvTranspose2d(CpuBackend cpu, Key key, int parts) {
    super(cpu, "convTranspose2d " + key);
    this.parts = parts;
    this.key = key;
    this.shape = key.shape();
    xShape = shape.input();
    wShape = shape.weights();
    bShape = shape.bias();
    yShape = shape.output();
    ConvTranspose2dShape s = shape;
    x = CpuBackend.images(key.type(), s.batch(), s.height(), s.width(), s.inChannels());
    y = CpuBackend.images(key.type(), s.batch(), s.outHeight(), s.outWidth(), s.outChannels());
    xOfAPart = inputOfAPart(s, key.type(), parts);
    yOfAPart = outputOfAPart(s, key.type(), parts);
    plainWeights = weights(s, DType.F32, memory.format_tag.ihwo);
    bias = CpuBackend.describe(DType.F32, memory.format_tag.x, s.outChannels());
    biasGradient =
        part(
            new SumOfPixels(
                cpu,
                "convTranspose2d " + key,
                "backwardBias",
                pixels(),
                s.outChannels(),
                key.type()));
    strides = strides(s);
    paddingBefore = paddingBefore(s);
    paddingAfter = paddingAfter(s);
  }

  @Override
  public final void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "w", w, DType.F32, wShape);
    checkForward(x, b, y);
    synchronized (cpu) {
      prepareForward();
      long packed = cpu.workspace(packedBytes);
      packForward.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      forward(x, packed, b, y);
    }
  }

  @Override
  public final long packedBytes() {
    synchronized (cpu) {
      prepareForward();
      return packedBytes;
    }
  }

  @Override
  public final void pack(Tensor w, Tensor packed) {
    check("pack", "w", w, DType.F32, wShape);
    checkPacked("pack", packed);
    synchronized (cpu) {
      packForward.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      packed.changed();
    }
  }

  @Override
  public final void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    checkPacked("forward", packed);
    checkForward(x, b, y);
    synchronized (cpu) {
      forward(x, packed.address(), b, y);
    }
  }

  private void checkForward(Tensor x, Tensor b, Tensor y) {
    check("forward", "x", x, key.type(), xShape);
    checkBias("forward", "b", b);
    check("forward", "y", y, key.type(), yShape);
  }

  /** Makes the primitives, too. */
  private void checkPacked(String direction, Tensor packed) {
    long bytes = packedBytes();
    if (packedShape == null) {
      packedShape = Shape.of(Math.toIntExact(bytes));
    }
    check(direction, "packed", packed, DType.U8, packedShape);
  }

  private void forward(Tensor x, long packed, Tensor b, Tensor y) {
    forward
        .bind(DNNL_ARG_SRC, x.address(), xOfAPart.get_size())
        .bind(DNNL_ARG_WEIGHTS, packed)
        .bind(DNNL_ARG_DST, y.address(), yOfAPart.get_size());
    if (key.bias()) {
      forward.bind(DNNL_ARG_BIAS, b.address());
    }
    forward.run();
    y.changed();
  }

  @Override
  public final void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.type(), yShape);
    check("backwardData", "w", w, DType.F32, wShape);
    check("backwardData", "dx", dx, key.type(), xShape);
    synchronized (cpu) {
      prepareBackwardData();
      long packed = cpu.workspace(packedBackwardBytes);
      packBackwardData.bind(DNNL_ARG_FROM, w).bind(DNNL_ARG_TO, packed).run();
      backwardData
          .bind(DNNL_ARG_DIFF_DST, dy.address(), yOfAPart.get_size())
          .bind(DNNL_ARG_WEIGHTS, packed)
          .bind(DNNL_ARG_DIFF_SRC, dx.address(), xOfAPart.get_size())
          .run();
      dx.changed();
    }
  }

  @Override
  public final void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.type(), xShape);
    check("backwardWeights", "dy", dy, key.type(), yShape);
    check("backwardWeights", "dw", dw, DType.F32, wShape);
    checkBias("backwardWeights", "db", db);
    synchronized (cpu) {
      weightGradient(x, dy, dw);
      dw.changed();
      if (key.bias()) {
        biasGradient.run(dy.address(), db.address());
        db.changed();
      }
    }
  }

  /** Computes dw alone, of arguments that are checked. */
  void weightGradient(Tensor x, Tensor dy, Tensor dw) {
    prepareBackwardWeights();
    long packed = cpu.workspace(packedGradientBytes);
    backwardWeights
        .bind(DNNL_ARG_SRC, x)
        .bind(DNNL_ARG_DIFF_DST, dy)
        .bind(DNNL_ARG_DIFF_WEIGHTS, packed)
        .run();
    unpackGradient.bind(DNNL_ARG_FROM, packed).bind(DNNL_ARG_TO, dw).run();
  }

  private void prepareForward() {
    if (forward == null) {
      forward = shared("forward", parts, this::forward);
    }
  }

  private Primitive.Builder forward() {
    deconvolution_forward.primitive_desc description =
        describeForward("forward", xOfAPart, key.bias() ? bias : NONE, yOfAPart);
    packedBytes = description.weights_desc().get_size();
    packForward = reorder("pack", plainWeights, description.weights_desc());
    Primitive.Builder builder =
        primitive("forward", description)
            .argument(DNNL_ARG_SRC, xOfAPart)
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DST, yOfAPart);
    return key.bias() ? builder.argument(DNNL_ARG_BIAS, bias) : builder;
  }

  private void prepareBackwardData() {
    if (backwardData == null) {
      backwardData = shared("backwardData", parts, this::backwardData);
    }
  }

  private Primitive.Builder backwardData() {
    deconvolution_backward_data.primitive_desc description =
        describe(
            "backwardData",
            () ->
                new deconvolution_backward_data.primitive_desc(
                    cpu.engine(),
                    DIRECT,
                    xOfAPart,
                    weights(shape, key.type(), memory.format_tag.any),
                    yOfAPart,
                    strides,
                    paddingBefore,
                    paddingAfter,
                    describeForward("backward hint", xOfAPart, NONE, yOfAPart),
                    cpu.attributes(),
                    false));
    packedBackwardBytes = description.weights_desc().get_size();
    packBackwardData = reorder("pack for backwardData", plainWeights, description.weights_desc());
    return primitive("backwardData", description)
        .argument(DNNL_ARG_DIFF_DST, yOfAPart)
        .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
        .argument(DNNL_ARG_DIFF_SRC, xOfAPart);
  }

  private void prepareBackwardWeights() {
    if (backwardWeights == null) {
      backwardWeights = make(this::backwardWeights);
    }
  }

  private Primitive backwardWeights() {
    deconvolution_backward_weights.primitive_desc description =
        describe(
            "backwardWeights",
            () ->
                new deconvolution_backward_weights.primitive_desc(
                    cpu.engine(),
                    DIRECT,
                    x,
                    weights(shape, DType.F32, memory.format_tag.any),
                    NONE,
                    y,
                    strides,
                    paddingBefore,
                    paddingAfter,
                    describeForward("backward hint", x, NONE, y),
                    cpu.attributes(),
                    false));
    packedGradientBytes = description.diff_weights_desc().get_size();
    unpackGradient = reorder("unpack gradient", description.diff_weights_desc(), plainWeights);
    Primitive.Builder builder =
        primitive("backwardWeights", description)
            .argument(DNNL_ARG_SRC, x)
            .argument(DNNL_ARG_DIFF_DST, y)
            .argument(DNNL_ARG_DIFF_WEIGHTS, description.diff_weights_desc());
    return (readsUnwrittenCopies() ? builder.zeroScratchpad() : builder).build();
  }

  /** As the gradients of a convolution's weights: oneDNN 3.11 may read what it has not written. */
  private boolean readsUnwrittenCopies() {
    return key.type() != DType.F32
        && (shape.strideWidth() > 1 || shape.kernelWidth() >= ConvolvedGradient.WIDE);
  }

  /** oneDNN chooses the backward implementations by the forward one, too. */
  private deconvolution_forward.primitive_desc describeForward(
      String use, memory.desc x, memory.desc optionalBias, memory.desc y) {
    return describe(
        use,
        () ->
            new deconvolution_forward.primitive_desc(
                cpu.engine(),
                prop_kind.forward_training.value,
                DIRECT,
                x,
                weights(shape, key.type(), memory.format_tag.any),
                optionalBias,
                y,
                strides,
                paddingBefore,
                paddingAfter,
                cpu.attributes(),
                false));
  }

  static memory.desc inputOfAPart(ConvTranspose2dShape s, DType type, int parts) {
    return ofAPart(type, s.batch(), s.height(), s.width(), s.inChannels(), parts);
  }

  static memory.desc outputOfAPart(ConvTranspose2dShape s, DType type, int parts) {
    return ofAPart(type, s.batch(), s.outHeight(), s.outWidth(), s.outChannels(), parts);
  }

  /** All images, or some of all their rows as one image. */
  private static memory.desc ofAPart(
      DType type, int images, int height, int width, int channels, int parts) {
    return parts == 1
        ? CpuBackend.images(type, images, height, width, channels)
        : CpuBackend.images(type, 1, (long) images * height / parts, width, channels);
  }

  static memory.desc weights(ConvTranspose2dShape s, DType type, memory.format_tag layout) {
    return CpuBackend.describe(
        type, layout, s.outChannels(), s.inChannels(), s.kernelHeight(), s.kernelWidth());
  }

  static long[] strides(ConvTranspose2dShape s) {
    return new long[] {s.strideHeight(), s.strideWidth()};
  }

  static long[] paddingBefore(ConvTranspose2dShape s) {
    return new long[] {s.paddingHeight(), s.paddingWidth()};
  }

  static long[] paddingAfter(ConvTranspose2dShape s) {
    return new long[] {
      s.paddingHeight() - s.outputPaddingHeight(), s.paddingWidth() - s.outputPaddingWidth()
    };
  }

  private long pixels() {
    return (long) shape.batch() * shape.outHeight() * shape.outWidth();
  }

  private static void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor("convTranspose2d", direction, argument, t, "cpu", dtype, shape);
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("convTranspose2d", direction, argument, b, "cpu", key.bias(), bShape);
  }
}
