package io.github.glia.nn;

import io.github.glia.kernels.update.Sgd;
import io.github.glia.kernels.update.SgdPlan;

/** Stochastic gradient descent, with momentum where the settings say so. */
final class SgdOptimizer extends Optimizer {
  private final SgdPlan.Key key;

  SgdOptimizer(Layer network, Sgd settings) {
    super(network, settings.momentum() == 0 ? new String[0] : new String[] {"velocity"});
    key = new SgdPlan.Key(settings);
  }

  @Override
  void update(Active active, float learningRate, float gradientScale, long step) {
    SgdPlan.on(active.device(), key)
        .step(
            active.values,
            active.gradients,
            key.sgd().momentum() == 0 ? null : active.state(0),
            learningRate,
            gradientScale,
            step == 1);
  }
}
