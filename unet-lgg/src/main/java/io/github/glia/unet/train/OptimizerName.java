package io.github.glia.unet.train;

import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Optimizer;

/** The optimizers that {@code --optimizer} knows. */
public enum OptimizerName {
  ADAM(0),
  ADAMW(0.01),
  SGD(0);

  private final double usualWeightDecay;

  OptimizerName(double usualWeightDecay) {
    this.usualWeightDecay = usualWeightDecay;
  }

  double usualWeightDecay() {
    return usualWeightDecay;
  }

  static Optimizer make(OptimizerOptions options, Layer network) {
    Adam adam = new Adam(0.9, 0.999, 1e-8, options.weightDecay());
    Optimizer optimizer =
        switch (options.name()) {
          case ADAM -> Optimizer.adam(network, adam);
          case ADAMW -> Optimizer.adamW(network, adam);
          case SGD ->
              Optimizer.sgd(network, new Sgd(options.momentum(), false, options.weightDecay()));
        };
    return options.clip() > 0 ? optimizer.clip(options.clip()) : optimizer;
  }
}
