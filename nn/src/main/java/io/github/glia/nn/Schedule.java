package io.github.glia.nn;

import io.github.glia.kernels.Check;

/** The learning rate of each step. */
public interface Schedule {
  /**
   * The rate of a step.
   *
   * @param step 0 for the first
   */
  float rate(long step);

  static Schedule constant(float rate) {
    checkRate(rate);
    return step -> rate;
  }

  /** Multiplies the rate by {@code factor} every {@code every} steps. */
  static Schedule step(float rate, long every, float factor) {
    checkRate(rate);
    checkSteps("the number of steps between drops", every);
    Check.notNegative("schedule", "the factor", factor);
    return step -> {
      long drops = step / every;
      return (float) (rate * Math.pow(factor, (double) drops));
    };
  }

  /** Falls from {@code rate} to 0 over {@code total} steps as (1 − step/total) to a power. */
  static Schedule polynomial(float rate, long total, double power) {
    checkRate(rate);
    checkSteps("the total number of steps", total);
    Check.notNegative("schedule", "the power", power);
    return step -> (float) (rate * Math.pow(Math.max(0, 1 - (double) step / total), power));
  }

  /** Falls from {@code rate} to {@code floor} over {@code total} steps along half a cosine. */
  static Schedule cosine(float rate, long total, float floor) {
    checkRate(rate);
    checkSteps("the total number of steps", total);
    if (!(floor >= 0 && floor <= rate)) {
      throw Check.failed(
          "schedule", "the floor must be from 0 to the rate, " + rate + ", but is " + floor);
    }
    return step -> {
      double progress = Math.min(1, (double) step / total);
      return (float) (floor + (rate - floor) * (1 + Math.cos(Math.PI * progress)) / 2);
    };
  }

  /** Rises in a straight line to this schedule's first rate, and follows it from there. */
  default Schedule withWarmUp(long steps) {
    checkSteps("the number of warm-up steps", steps);
    return step -> step < steps ? rate(0) * (step + 1) / steps : rate(step - steps);
  }

  private static void checkRate(float rate) {
    Check.notNegative("schedule", "the rate", rate);
  }

  private static void checkSteps(String what, long steps) {
    if (steps < 1) {
      throw Check.failed("schedule", what + " must be at least 1, but is " + steps);
    }
  }
}
