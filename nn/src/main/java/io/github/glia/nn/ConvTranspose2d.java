package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dShape;
import io.github.glia.kernels.convtranspose.QuantizedConvTranspose2dPlan;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Transposed convolution: {@link ConvTranspose2dPlan} says what it computes. */
public final class ConvTranspose2d extends Layer {
  private final ConvTranspose2dShape sizes;
  private final Parameter weight;
  private final Parameter bias;
  private final PackedConv packed;
  private final QuantizedConv quantized;
  private final Ready<Planned<ConvTranspose2dPlan>> ready = new Ready<>(this::planFor);

  private record Packable(Planned<ConvTranspose2dPlan> planned, Tensor x)
      implements PackedConv.Source {
    @Override
    public ConvTranspose2dPlan plan() {
      return planned.plan();
    }

    @Override
    public List<Tensor> images() {
      return List.of(x);
    }

    @Override
    public void forwardPacked(Tensor packed, Tensor bias, Tensor y) {
      plan().forwardPacked(x, packed, bias, y);
    }

    @Override
    public Tensor emptyOutput() {
      return Tensor.empty(x.device(), x.dtype(), planned.output());
    }
  }

  /** A square kernel with a bias and no padding: kernel = stride = 2 doubles height and width. */
  public ConvTranspose2d(int inChannels, int outChannels, int kernel, int stride) {
    this(builder(inChannels, outChannels, kernel).stride(stride, stride));
  }

  private ConvTranspose2d(Builder b) {
    sizes = b.of(1, b.kernelHeight + b.paddingHeight, b.kernelWidth + b.paddingWidth);
    weight = learned("weight", sizes.weights(), b.initializer);
    long inputs = sizes.weights().count() / sizes.outChannels();
    bias = b.bias ? learned("bias", sizes.bias(), Initializer.uniformBias(inputs)) : null;
    packed = new PackedConv(weight, bias, null, sizes.outChannels());
    quantized = new QuantizedConv(packed, true, DType.I8, this::quantizedPlan);
  }

  /** A square kernel; change what should differ from stride 1, no padding, a bias. */
  public static Builder builder(int inChannels, int outChannels, int kernel) {
    return new Builder(inChannels, outChannels, kernel);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    if (tape.quantization() != null) {
      return quantized.forward(tape, x);
    }
    Packable convolution = new Packable(ready.of(x), x);
    return tape.isTraining() ? trained(tape, convolution) : packed.forward(tape, convolution);
  }

  private Tensor trained(Tape tape, Packable convolution) {
    ConvTranspose2dPlan plan = convolution.plan();
    Tensor x = convolution.x();
    Tensor y = convolution.emptyOutput();
    plan.forward(x, weight.value(), bias == null ? null : bias.value(), y);
    tape.record(
        y,
        dy -> {
          if (Parameter.isTrained(weight, bias)) {
            Tensor dw = weight.newGradient();
            Tensor db = bias == null ? null : bias.newGradient();
            plan.backwardWeights(x, dy, dw, db);
            weight.add(dw);
            if (bias != null) {
              bias.add(db);
            }
          }
          if (tape.wants(x)) {
            Tensor dx = x.emptyLike();
            plan.backwardData(dy, weight.value(), dx);
            tape.add(x, dx);
          }
        },
        x);
    return y;
  }

  private Planned<ConvTranspose2dPlan> planFor(Tensor x) {
    ConvTranspose2dShape shape = shapeFor(x.shape());
    ConvTranspose2dPlan.Key key = new ConvTranspose2dPlan.Key(shape, x.dtype(), bias != null);
    return new Planned<>(ConvTranspose2dPlan.on(x.device(), key), shape.output());
  }

  private Planned<QuantizedPlan> quantizedPlan(Tensor x) {
    ConvTranspose2dShape shape = shapeFor(x.shape());
    QuantizedConvTranspose2dPlan.Key key =
        new QuantizedConvTranspose2dPlan.Key(shape, x.dtype(), DType.I8);
    return new Planned<>(QuantizedConvTranspose2dPlan.on(x.device(), key), shape.output());
  }

  @Override
  protected long flops(Shape x) {
    return shapeFor(x).flops();
  }

  private ConvTranspose2dShape shapeFor(Shape x) {
    if (x.rank() != 4 || x.size(3) != sizes.inChannels()) {
      throw Check.failed(
          name(),
          "the input must be [batch, height, width, " + sizes.inChannels() + "], but is " + x);
    }
    return sizes.of(x.size(0), x.size(1), x.size(2));
  }

  @Override
  public void close() {
    packed.close();
    super.close();
  }

  @Override
  public String name() {
    return String.format(
        "ConvTranspose2d %d→%d %d×%d",
        sizes.inChannels(), sizes.outChannels(), sizes.kernelHeight(), sizes.kernelWidth());
  }

  /** The choices of a transposed convolution. */
  public static final class Builder {
    private final int inChannels;
    private final int outChannels;
    private int kernelHeight;
    private int kernelWidth;
    private int strideHeight = 1;
    private int strideWidth = 1;
    private int paddingHeight;
    private int paddingWidth;
    private int outputPaddingHeight;
    private int outputPaddingWidth;
    private boolean bias = true;
    private Initializer initializer = Initializer.xavierUniform();

    private Builder(int inChannels, int outChannels, int kernel) {
      this.inChannels = inChannels;
      this.outChannels = outChannels;
      kernel(kernel, kernel);
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

    /** Pixels cut off the output, on each side. */
    public Builder padding(int height, int width) {
      paddingHeight = height;
      paddingWidth = width;
      return this;
    }

    /** Rows and columns added to the output, at its end. */
    public Builder outputPadding(int height, int width) {
      outputPaddingHeight = height;
      outputPaddingWidth = width;
      return this;
    }

    public Builder withoutBias() {
      bias = false;
      return this;
    }

    public Builder initializer(Initializer first) {
      initializer = Check.present("ConvTranspose2d", "the initializer", first);
      return this;
    }

    public ConvTranspose2d build() {
      return new ConvTranspose2d(this);
    }

    private ConvTranspose2dShape of(int batch, int height, int width) {
      return new ConvTranspose2dShape(
          batch,
          height,
          width,
          inChannels,
          outChannels,
          kernelHeight,
          kernelWidth,
          strideHeight,
          strideWidth,
          paddingHeight,
          paddingWidth,
          outputPaddingHeight,
          outputPaddingWidth);
    }
  }
}
