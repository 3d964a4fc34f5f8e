package io.github.glia.unet.train;

import io.github.glia.nn.ReduceOnPlateau;
import io.github.glia.nn.Schedule;

/** The learning rate of each step: the schedule, after its warm-up, and halved by going back. */
final class LearningRate {
  private final Schedule schedule;

  /** The schedule, or its part after the warm-up, if it waits for a plateau; else null. */
  private final ReduceOnPlateau plateau;

  LearningRate(TrainOptions options, EpochLength length) {
    Schedule main = options.optimizer().scheduling().make(options, length.steps());
    plateau = main instanceof ReduceOnPlateau waiting ? waiting : null;
    int warmUp = options.optimizer().warmUp();
    schedule = warmUp > 0 ? main.withWarmUp((long) warmUp * length.steps()) : main;
  }

  float of(RunState state) {
    return (float) (schedule.rate(state.steps) * state.rateFactor);
  }

  /** Tells of the validation loss of an epoch, which a plateau is made of. */
  void observe(double validationLoss) {
    if (plateau != null) {
      plateau.observe(validationLoss);
    }
  }

  void saveTo(RunState state) {
    state.plateau = plateau == null ? null : plateau.state();
  }

  void restoreFrom(RunState state) {
    if (plateau != null && state.plateau != null) {
      plateau.restore(state.plateau);
    }
  }
}
