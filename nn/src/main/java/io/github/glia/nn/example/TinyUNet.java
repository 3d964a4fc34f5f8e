package io.github.glia.nn.example;

import io.github.glia.nn.Concat;
import io.github.glia.nn.Conv2d;
import io.github.glia.nn.ConvNormRelu;
import io.github.glia.nn.ConvTranspose2d;
import io.github.glia.nn.Layer;
import io.github.glia.nn.MaxPool2d;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Sequential;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Tensor;

/** The shape of every U-Net, with one level: down, and up again with the detail beside it. */
final class TinyUNet extends Layer {
  private final Layer down = add("down", block(1, 16));
  private final Layer pool = add("pool", new MaxPool2d(2));
  private final Layer middle = add("middle", block(16, 32));
  private final Layer up = add("up", new ConvTranspose2d(32, 16, 2, 2));
  private final Layer join = add("join", block(32, 16));
  private final Layer head = add("head", new Conv2d(16, 1, 1));

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    Tensor detail = down.forward(tape, x);
    Tensor context = middle.forward(tape, pool.forward(tape, detail));
    Tensor both = Concat.forward(tape, up.forward(tape, context), detail);
    return head.forward(tape, join.forward(tape, both));
  }

  private static Layer block(int in, int out) {
    return new Sequential(
        new ConvNormRelu(in, out, 3, Norm.BATCH), new ConvNormRelu(out, out, 3, Norm.BATCH));
  }
}
