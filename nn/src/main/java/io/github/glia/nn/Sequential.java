package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * Layers one after the other. Each output is freed as soon as neither forward nor backward needs
 * it.
 */
public final class Sequential extends Layer {
  private final List<Layer> layers;

  public Sequential(Layer... layers) {
    Check.present(name(), "the list of layers", layers);
    for (int i = 0; i < layers.length; i++) {
      add(Integer.toString(i), layers[i]);
    }
    this.layers = List.of(layers);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    return continued(tape, x, x, layers);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor a, Tensor b) {
    if (layers.isEmpty()) {
      return super.compute(tape, a, b);
    }
    Tensor first = layers.get(0).forward(tape, a, b);
    return continued(tape, first, null, layers.subList(1, layers.size()));
  }

  /** What {@code layers} make of x, which is freed where it is not {@code kept}. */
  private static Tensor continued(Tape tape, Tensor x, Tensor kept, List<Layer> layers) {
    Tensor y = x;
    for (Layer layer : layers) {
      Tensor next = layer.forward(tape, y);
      if (y != kept && y != next) {
        tape.release(y);
      }
      y = next;
    }
    return y;
  }
}
