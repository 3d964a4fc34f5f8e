package io.github.glia.nn.docs;

import io.github.glia.nn.Add;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Tensor;

/** x + body(x). */
final class Residual extends Layer {
  private final Layer body;

  Residual(Layer body) {
    this.body = add("body", body);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    return Add.forward(tape, x, body.forward(tape, x));
  }
}
