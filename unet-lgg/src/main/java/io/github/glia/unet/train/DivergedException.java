package io.github.glia.unet.train;

/** The loss became infinite, NaN, or far larger than before; the message says where. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DivergedException(String message) {
    super(message);
  }

  /** In the step that follows those which the state knows. */
  static DivergedException at(RunState state, EpochLength length, float rate, String what) {
    return new DivergedException(
        String.format(
            "%s in epoch %d, step %d of %d, at a learning rate of %.3g",
            what,
            state.epoch + 1,
            Math.min(length.steps(), length.stepsUntil(state.batch) + 1),
            length.steps(),
            rate));
  }
}
