package io.github.glia.unet.train;

import io.github.glia.unet.evaluate.Epoch;

/** Is told how a training goes, on its thread. */
public interface Listener {
  /**
   * A step that was made.
   *
   * @param epoch from 1
   * @param step of the epoch, from 1
   * @param slicesPerSecond since this process began to train
   * @param loss of the step
   * @param dice of the last validation; NaN before the first
   * @param secondsLeft to the last epoch, with its validations
   */
  record Step(
      int epoch,
      int epochs,
      int step,
      int steps,
      double slicesPerSecond,
      double loss,
      double dice,
      double learningRate,
      double secondsLeft) {}

  default void stepped(Step step) {}

  /**
   * An epoch is complete.
   *
   * @param best whether no epoch before had a better Dice
   */
  default void epochEnded(Epoch epoch, boolean best) {}

  /** Something that a user should know, in one line: a resume, a divergence. */
  default void note(String message) {}
}
