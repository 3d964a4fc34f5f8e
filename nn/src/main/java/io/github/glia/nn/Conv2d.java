package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.activation.Activation;
import io.github.glia.kernels.activation.ActivationPlan;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.conv.QuantizedConv2dPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Convolution: {@link Conv2dPlan} says what it computes. */
public final class Conv2d extends Layer {
  /** An image large enough for any kernel, so that sizes are checked when the layer is made. */
  private static final int ANY_SIZE = 1 << 14;

  private final Conv2dShape sizes;
  private final DType outputType;
  private final boolean relu;
  private final Parameter weight;
  private final Parameter bias;
  private final ConvolutionPlans plans;
  private final PackedConv packed;
  private final QuantizedConv quantized;
  private final QuantizedConv quantizedInFloats;

  private final Ready<ActivationPlan> activationOf =
      new Ready<>(
          y ->
              ActivationPlan.on(
                  y.device(), new ActivationPlan.Key(y.shape(), y.dtype(), Activation.RELU)));

  /** A square kernel with a bias, and for odd kernels an output as large as the input. */
  public Conv2d(int inChannels, int outChannels, int kernel) {
    this(builder(inChannels, outChannels, kernel));
  }

  private Conv2d(Builder b) {
    sizes =
        new Conv2dShape(
            1,
            ANY_SIZE,
            ANY_SIZE,
            b.inChannels,
            b.outChannels,
            b.kernelHeight,
            b.kernelWidth,
            b.strideHeight,
            b.strideWidth,
            b.paddingHeight,
            b.paddingWidth,
            b.dilationHeight,
            b.dilationWidth,
            b.groups);
    outputType = b.outputType;
    relu = b.relu;
    weight = learned("weight", sizes.weights(), b.initializer);
    long inputs = sizes.weights().count() / sizes.outChannels();
    bias = b.bias ? learned("bias", sizes.bias(), Initializer.uniformBias(inputs)) : null;
    plans = plans(bias != null, relu);
    packed = new PackedConv(weight, bias, null, sizes.outChannels());
    quantized = quantized(packed, relu, outputType == DType.F32 ? DType.F32 : DType.I8);
    quantizedInFloats = quantized(packed, relu, DType.F32);
  }

  /** A square kernel; change what should differ from {@link #Conv2d(int, int, int)}. */
  public static Builder builder(int inChannels, int outChannels, int kernel) {
    return new Builder(inChannels, outChannels, kernel);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    if (tape.quantization() != null) {
      return quantized.forward(tape, x);
    }
    return tape.isTraining() ? trained(tape, plans.of(x)) : packed.forward(tape, plans.of(x));
  }

  @Override
  protected Tensor compute(Tape tape, Tensor a, Tensor b) {
    if (tape.quantization() != null) {
      return quantized.forward(tape, a, b);
    }
    if (sizes.groups() > 1 || (outputType != null && outputType != a.dtype())) {
      return super.compute(tape, a, b);
    }
    if (a.shape().size(3) + b.shape().size(3) != sizes.inChannels()) {
      shapeFor(joined(a, b));
    }
    Convolution.OfTwo ofBoth = plans.of(a, b);
    if (!tape.isTraining()) {
      return packed.forward(tape, ofBoth);
    }
    return ofBoth.plan().wantsOneImage() ? super.compute(tape, a, b) : trained(tape, ofBoth);
  }

  private Tensor trained(Tape tape, Convolution convolution) {
    Tensor y = convolution.emptyOutput();
    convolution.forward(weight.value(), bias == null ? null : bias.value(), y);
    List<Tensor> needs = new ArrayList<>(convolution.images());
    if (relu) {
      needs.add(y);
      ActivationPlan activation = activationOf.of(y);
      tape.record(
          y,
          dy -> {
            activation.backward(y, dy, dy);
            backward(tape, convolution, dy);
          },
          needs.toArray(Tensor[]::new));
    } else {
      tape.record(y, dy -> backward(tape, convolution, dy), needs.toArray(Tensor[]::new));
    }
    return y;
  }

  private void backward(Tape tape, Convolution convolution, Tensor dy) {
    if (Parameter.isTrained(weight, bias)) {
      Tensor dw = weight.newGradient();
      Tensor db = bias == null ? null : bias.newGradient();
      convolution.backwardWeights(dy, dw, db);
      weight.add(dw);
      if (bias != null) {
        bias.add(db);
      }
    }
    List<Tensor> xs = convolution.images();
    List<Tensor> dxs = new ArrayList<>();
    xs.forEach(x -> dxs.add(tape.wants(x) ? x.emptyLike() : null));
    convolution.backwardData(dy, weight.value(), dxs);
    for (int i = 0; i < dxs.size(); i++) {
      if (dxs.get(i) != null) {
        tape.add(xs.get(i), dxs.get(i));
      }
    }
  }

  /** Plans with a bias or ReLU that this layer itself may not have. */
  ConvolutionPlans plans(boolean withBias, boolean withRelu) {
    return new ConvolutionPlans(sizes.inChannels(), (x, type) -> key(x, type, withBias, withRelu));
  }

  /** What reads bytes, and writes floating numbers for layers that compute in those. */
  QuantizedConv quantizedInFloats() {
    return quantizedInFloats;
  }

  /** What computes in bytes, of weights that may have a norm folded in. */
  QuantizedConv quantized(PackedConv of, boolean withRelu, DType output) {
    return new QuantizedConv(
        of,
        false,
        output,
        x -> {
          Conv2dShape shape = shapeFor(x.shape());
          QuantizedConv2dPlan.Key key =
              new QuantizedConv2dPlan.Key(shape, x.dtype(), output, withRelu);
          return new Ready.Planned<>(QuantizedConv2dPlan.on(x.device(), key), shape.output());
        });
  }

  private Conv2dPlan.Key key(Shape x, DType type, boolean withBias, boolean withRelu) {
    DType output = outputType == null ? type : outputType;
    return new Conv2dPlan.Key(shapeFor(x), type, output, withBias, withRelu);
  }

  @Override
  public void close() {
    packed.close();
    super.close();
  }

  Parameter weight() {
    return weight;
  }

  /** Null where there is none. */
  Parameter bias() {
    return bias;
  }

  @Override
  protected long flops(Shape x) {
    return shapeFor(x).flops();
  }

  private Conv2dShape shapeFor(Shape x) {
    if (x.rank() != 4 || x.size(3) != sizes.inChannels()) {
      throw Check.failed(
          name(),
          "the input must be [batch, height, width, " + sizes.inChannels() + "], but is " + x);
    }
    return sizes.of(x.size(0), x.size(1), x.size(2));
  }

  @Override
  public String name() {
    return String.format(
        "Conv2d %d→%d %d×%d%s",
        sizes.inChannels(),
        sizes.outChannels(),
        sizes.kernelHeight(),
        sizes.kernelWidth(),
        relu ? " + ReLU" : "");
  }

  /** The choices of a convolution. */
  public static final class Builder {
    private final int inChannels;
    private final int outChannels;
    private int kernelHeight;
    private int kernelWidth;
    private int strideHeight = 1;
    private int strideWidth = 1;
    private int paddingHeight;
    private int paddingWidth;
    private int dilationHeight = 1;
    private int dilationWidth = 1;
    private int groups = 1;
    private boolean bias = true;
    private boolean relu;
    private DType outputType;
    private Initializer initializer = Initializer.kaimingNormal();

    private Builder(int inChannels, int outChannels, int kernel) {
      this.inChannels = inChannels;
      this.outChannels = outChannels;
      kernel(kernel, kernel).padding(kernel / 2, kernel / 2);
    }

    public Builder kernel(int height, int width) {
      kernelHeight = height;
      kernelWidth = width;
      return this;
    }

    public Builder stride(int height, int width) {
      strideHeight = height;
      strideWidth = width;
      return this;
    }

    /** Zeros around the image, on each side. */
    public Builder padding(int height, int width) {
      paddingHeight = height;
      paddingWidth = width;
      return this;
    }

    public Builder dilation(int height, int width) {
      dilationHeight = height;
      dilationWidth = width;
      return this;
    }

    /** Splits the channels into groups that are convolved on their own. */
    public Builder groups(int count) {
      groups = count;
      return this;
    }

    public Builder withoutBias() {
      bias = false;
      return this;
    }

    /** Lets max(0, ·) follow, in the same pass over memory. */
    public Builder relu() {
      relu = true;
      return this;
    }

    /** The type of the output where it is not that of the input: F32 for logits. */
    public Builder outputType(DType dtype) {
      outputType = dtype;
      return this;
    }

    public Builder initializer(Initializer first) {
      initializer = Check.present("Conv2d", "the initializer", first);
      return this;
    }

    public Conv2d build() {
      return new Conv2d(this);
    }
  }
}
