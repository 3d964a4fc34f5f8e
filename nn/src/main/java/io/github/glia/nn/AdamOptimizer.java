package io.github.glia.nn;

import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.AdamPlan;

/** Adam and AdamW. */
final class AdamOptimizer extends Optimizer {
  private static final String FIRST_MOMENT = "m";
  private static final String SECOND_MOMENT = "v";

  private final AdamPlan.Key key;

  AdamOptimizer(Layer network, Adam settings, boolean decoupled) {
    super(network, FIRST_MOMENT, SECOND_MOMENT);
    key = new AdamPlan.Key(settings, decoupled);
  }

  @Override
  void update(Active active, float learningRate, float gradientScale, long step) {
    AdamPlan.on(active.device, key)
        .step(
            active.values,
            active.gradients,
            active.state(FIRST_MOMENT),
            active.state(SECOND_MOMENT),
            learningRate,
            gradientScale,
            step);
  }
}
