package io.github.glia.unet.train;

import io.github.glia.unet.data.Batches;

/** How fast this process trains, and how long it waits for data. */
final class Pace {
  private final Batches batches;
  private long slices;
  private long steps;
  private double seconds;
  private double validationSeconds;

  Pace(Batches batches) {
    this.batches = batches;
  }

  void stepped(long slicesOfStep, double secondsOfStep) {
    slices += slicesOfStep;
    steps++;
    seconds += secondsOfStep;
  }

  void validated(double secondsOfValidation) {
    validationSeconds = secondsOfValidation;
  }

  double slicesPerSecond() {
    return slices / seconds;
  }

  /** How long steps and validations will take, going by those that were. */
  double secondsFor(long stepsLeft, int validationsLeft) {
    return stepsLeft * seconds / steps + validationsLeft * validationSeconds;
  }

  /** The share of the steps spent waiting for data; 0 before the first. */
  double shareWaited() {
    return seconds == 0 ? 0 : batches.secondsWaited() / seconds;
  }
}
