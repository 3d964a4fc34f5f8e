package io.github.glia.nn;

import io.github.glia.tensor.Tensor;

/** Two times convolution, batch norm and ReLU, with the names that PyTorch's U-Nets give them. */
final class TorchBlock extends Layer {
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;

  TorchBlock(int in, int out, boolean bias) {
    conv1 = add("conv1", conv(in, out, bias));
    bn1 = add("bn1", new BatchNorm2d(out, 1e-5f, 0.1f, true));
    conv2 = add("conv2", conv(out, out, bias));
    bn2 = add("bn2", new BatchNorm2d(out, 1e-5f, 0.1f, true));
  }

  private static Conv2d conv(int in, int out, boolean bias) {
    Conv2d.Builder builder = Conv2d.builder(in, out, 3);
    return bias ? builder.build() : builder.withoutBias().build();
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    Tensor h = bn1.forward(tape, conv1.forward(tape, x));
    return bn2.forward(tape, conv2.forward(tape, h));
  }
}
