package io.github.glia.nn;

import io.github.glia.kernels.Plan;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * The packed weights that a recording reads. They live as long as it does, whatever their layers
 * pack meanwhile for other inputs.
 */
final class HeldWeights {
  private record Key(PackedConv conv, Plan plan) {}

  private final Map<Key, PackedConv.Packed> held = new HashMap<>();
  private final Scope owner;

  HeldWeights(Scope owner) {
    this.owner = owner;
  }

  /** Null where none are held. */
  PackedConv.Packed of(PackedConv conv, Plan plan) {
    return held.get(new Key(conv, plan));
  }

  void hold(PackedConv conv, PackedConv.Packed packed) {
    Tensor bias = packed.bias() == null ? null : shared(packed.bias());
    held.put(
        new Key(conv, packed.plan()),
        new PackedConv.Packed(packed.plan(), shared(packed.weights()), bias));
  }

  private Tensor shared(Tensor tensor) {
    return owner.adopt(StepRecorder.view(tensor));
  }
}
