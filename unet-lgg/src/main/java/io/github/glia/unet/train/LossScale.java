package io.github.glia.unet.train;

/**
 * What the loss is multiplied by in F16, where small gradients would become 0: as much as gradients
 * bear. When they overflow, the step is left out and the scale halved; after a while without it is
 * doubled.
 */
final class LossScale {
  /** All that it remembers. */
  record State(float scale, int held) {}

  static final State START = new State(65536, 0);
  private static final float SMALLEST = 1;
  private static final float LARGEST = 1 << 24;
  private static final int STEPS_UNTIL_LARGER = 1000;

  private LossScale() {}

  static State afterGoodStep(State state) {
    return state.held + 1 < STEPS_UNTIL_LARGER
        ? new State(state.scale, state.held + 1)
        : new State(Math.min(LARGEST, state.scale * 2), 0);
  }

  static State afterOverflow(State state) {
    return new State(state.scale / 2, 0);
  }

  /** Whether gradients overflow although they are hardly scaled: they are large themselves. */
  static boolean isExhausted(State state) {
    return state.scale < SMALLEST;
  }
}
