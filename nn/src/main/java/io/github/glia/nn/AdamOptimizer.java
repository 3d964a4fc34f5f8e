package io.github.glia.nn;

import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.AdamPlan;

/** Adam and AdamW. */
final class AdamOptimizer extends Optimizer {
  private final AdamPlan.Key key;

  AdamOptimizer(Layer network, Adam settings, boolean decoupled) {
    super(network, "m", "v");
    key = new AdamPlan.Key(settings, decoupled);
  }

  @Override
  void update(Active active, float learningRate, float gradientScale, long step) {
    AdamPlan.on(active.device(), key)
        .step(
            active.values,
            active.gradients,
            active.state(0),
            active.state(1),
            learningRate,
            gradientScale,
            step);
  }
}
