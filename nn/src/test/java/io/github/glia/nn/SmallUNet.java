package io.github.glia.nn;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;

/** A U-Net with one level, few features, and dropout, which computes in any type. */
final class SmallUNet extends Layer {
  private static final int FEATURES = 6;

  private final DType type;
  private final Layer down;
  private final Layer pool = add("pool", new MaxPool2d(2));
  private final Layer middle;
  private final Layer up = add("up", new ConvTranspose2d(2 * FEATURES, FEATURES, 2, 2));
  private final Layer join;
  private final Layer head =
      add("head", Conv2d.builder(FEATURES, 1, 1).outputType(DType.F32).build());

  SmallUNet(Norm norm, DType type) {
    this.type = type;
    down = add("down", new ConvNormRelu(1, FEATURES, 3, norm));
    middle =
        add(
            "middle",
            new Sequential(new ConvNormRelu(FEATURES, 2 * FEATURES, 3, norm), new Dropout(0.2f)));
    join = add("join", new ConvNormRelu(2 * FEATURES, FEATURES, 3, norm));
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    Tensor detail = down.forward(tape, Cast.forward(tape, x, type));
    Tensor context = middle.forward(tape, pool.forward(tape, detail));
    Tensor joined = join.forward(tape, up.forward(tape, context), detail);
    return head.forward(tape, joined);
  }
}
