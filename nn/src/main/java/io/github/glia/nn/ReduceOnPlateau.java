package io.github.glia.nn;

import io.github.glia.kernels.Check;

/** A schedule that lowers the rate when a metric has stopped falling. */
public final class ReduceOnPlateau implements Schedule {
  private final float factor;
  private final int patience;
  private final float floor;
  private State state;

  /** All that it remembers: save it to go on later. */
  public record State(float rate, double best, int waited) {
    public State {
      Check.notNegative("reduce on plateau", "rate", rate);
      Check.atLeast("reduce on plateau", "waited", waited, 0);
    }
  }

  /**
   * A schedule that starts with {@code rate}.
   *
   * @param factor what the rate is multiplied by when the metric has stopped falling
   * @param patience how many observations without a new lowest value are waited for
   * @param floor the rate does not fall below this
   */
  public ReduceOnPlateau(float rate, float factor, int patience, float floor) {
    if (!(factor > 0 && factor < 1)) {
      throw Check.failed("reduce on plateau", "factor must be in (0, 1), but is " + factor);
    }
    Check.notNegative("reduce on plateau", "rate", rate);
    if (!(floor >= 0 && floor <= rate)) {
      throw Check.failed(
          "reduce on plateau", "floor must be from 0 to the rate, " + rate + ", but is " + floor);
    }
    Check.atLeast("reduce on plateau", "patience", patience, 0);
    this.factor = factor;
    this.patience = patience;
    this.floor = floor;
    this.state = new State(rate, Double.POSITIVE_INFINITY, 0);
  }

  /** Takes note of a metric that should fall, a validation loss say. */
  public void observe(double metric) {
    if (metric < state.best) {
      state = new State(state.rate, metric, 0);
    } else if (state.waited < patience) {
      state = new State(state.rate, state.best, state.waited + 1);
    } else {
      state = new State(Math.max(floor, state.rate * factor), state.best, 0);
    }
  }

  @Override
  public float rate(long step) {
    return state.rate;
  }

  public State state() {
    return state;
  }

  public void restore(State saved) {
    state = Check.present("reduce on plateau", "the saved state", saved);
  }
}
