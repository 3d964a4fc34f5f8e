package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Convolution, normalisation and ReLU, the unit that U-Nets are built of, in as few passes over
 * memory as there are: batch norm and ReLU are one in training, and at inference both are folded
 * into the convolution.
 */
public final class ConvNormRelu extends Layer {
  /** Group norm takes this many groups where they divide the channels, as its authors do. */
  private static final int GROUPS = 32;

  private final Conv2d conv;
  private final Layer norm;
  private final Layer relu;

  /** Null where norm and ReLU cannot be folded into the convolution. */
  private final PackedConv packed;

  private final ConvolutionPlans folded;
  private final QuantizedConv quantized;

  /** An odd square kernel; the output is as large as the input. */
  public ConvNormRelu(int inChannels, int outChannels, int kernel, Norm norm) {
    Check.present(name(), "the norm", norm);
    Conv2d.Builder builder = Conv2d.builder(inChannels, outChannels, kernel);
    // A bias before a norm has no effect: the norm subtracts it again.
    this.conv =
        add("conv", norm == Norm.NONE ? builder.relu().build() : builder.withoutBias().build());
    switch (norm) {
      case BATCH -> {
        BatchNorm2d batchNorm = add("norm", new BatchNorm2d(outChannels, 1e-5f, 0.1f, true));
        this.norm = batchNorm;
        this.relu = null;
        this.packed = new PackedConv(conv.weight(), conv.bias(), batchNorm, outChannels);
        this.quantized = conv.quantized(packed, true, DType.I8);
        this.folded = conv.plans(true, true);
      }
      case INSTANCE, GROUP -> {
        int groups = norm == Norm.INSTANCE ? outChannels : greatestDivisor(outChannels, GROUPS);
        this.norm = add("norm", new GroupNorm(groups, outChannels));
        this.relu = add("relu", Activate.relu());
        this.packed = null;
        this.folded = null;
        this.quantized = conv.quantizedInFloats();
      }
      default -> {
        this.norm = null;
        this.relu = null;
        this.packed = null;
        this.folded = null;
        this.quantized = null;
      }
    }
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    if (isQuantized(tape)) {
      return normalized(tape, quantized.forward(tape, x));
    }
    return isPacked(tape)
        ? packed.forward(tape, folded.of(x))
        : normalized(tape, conv.forward(tape, x));
  }

  @Override
  protected Tensor compute(Tape tape, Tensor a, Tensor b) {
    if (isQuantized(tape)) {
      return normalized(tape, quantized.forward(tape, a, b));
    }
    return isPacked(tape)
        ? packed.forward(tape, folded.of(a, b))
        : normalized(tape, conv.forward(tape, a, b));
  }

  private boolean isQuantized(Tape tape) {
    return quantized != null && tape.quantization() != null;
  }

  private boolean isPacked(Tape tape) {
    return packed != null && !tape.isTraining();
  }

  /** With what is not folded into the convolution: nothing, if that is batch norm. */
  private Tensor normalized(Tape tape, Tensor convolved) {
    boolean isFolded = packed != null && !tape.isTraining();
    return isFolded ? convolved : then(relu, tape, then(norm, tape, convolved));
  }

  /** Applies the layer that follows, if there is one. */
  private static Tensor then(Layer next, Tape tape, Tensor x) {
    if (next == null) {
      return x;
    }
    Tensor y = next.forward(tape, x);
    tape.release(x);
    return y;
  }

  /** Folded into one plan at inference, the layers within are not told of it one by one. */
  @Override
  protected long flops(Shape x) {
    return packed == null ? 0 : conv.flops(x);
  }

  @Override
  public void close() {
    if (packed != null) {
      packed.close();
    }
    super.close();
  }

  private static int greatestDivisor(int channels, int atMost) {
    int groups = Math.min(channels, atMost);
    while (channels % groups != 0) {
      groups--;
    }
    return groups;
  }
}
