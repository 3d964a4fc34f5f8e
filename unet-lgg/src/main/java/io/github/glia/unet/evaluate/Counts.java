package io.github.glia.unet.evaluate;

import java.util.BitSet;

/** Pixels by truth and prediction. */
public record Counts(long truePositive, long falsePositive, long falseNegative, long trueNegative) {
  static final Counts NONE = new Counts(0, 0, 0, 0);

  static Counts of(Mask truth, Mask prediction) {
    BitSet both = (BitSet) truth.bits().clone();
    both.and(prediction.bits());
    long agreed = both.cardinality();
    long falsePositive = prediction.count() - agreed;
    long falseNegative = truth.count() - agreed;
    long all = (long) truth.depth() * truth.height() * truth.width();
    return new Counts(
        agreed, falsePositive, falseNegative, all - agreed - falsePositive - falseNegative);
  }

  Counts plus(Counts other) {
    return new Counts(
        truePositive + other.truePositive,
        falsePositive + other.falsePositive,
        falseNegative + other.falseNegative,
        trueNegative + other.trueNegative);
  }

  /** Pixels that are tumour. */
  public long truth() {
    return truePositive + falseNegative;
  }

  /** Pixels that the prediction calls tumour. */
  public long predicted() {
    return truePositive + falsePositive;
  }

  /** Pixels that the prediction has wrong. */
  public long wrong() {
    return falsePositive + falseNegative;
  }

  long pixels() {
    return truth() + falsePositive + trueNegative;
  }
}
