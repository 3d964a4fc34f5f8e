package io.github.glia.unet.evaluate;

/**
 * What can be measured of a prediction.
 *
 * <p>Where truth and prediction are both empty, they agree: Dice and IoU are 1. Where only one of
 * them is, Dice and IoU are 0. Every other ratio with nothing to divide by (precision where nothing
 * was predicted, recall where there is no tumour, a distance to an empty mask) is not a number, and
 * such slices or volumes are left out of its mean.
 */
public enum Metric {
  DICE("dice", "Dice"),
  IOU("iou", "IoU"),
  ACCURACY("accuracy", "Accuracy"),
  PRECISION("precision", "Precision"),
  RECALL("recall", "Recall"),
  SPECIFICITY("specificity", "Specificity"),
  HAUSDORFF95("hausdorff95", "Hausdorff 95 %, pixels");

  private final String key;
  private final String label;

  Metric(String key, String label) {
    this.key = key;
    this.label = label;
  }

  /** Its name in JSON. */
  public String key() {
    return key;
  }

  /** Its name for people. */
  public String label() {
    return label;
  }

  public double of(Scores scores) {
    return switch (this) {
      case DICE -> dice(scores.counts());
      case IOU -> iou(scores.counts());
      case ACCURACY -> accuracy(scores.counts());
      case PRECISION -> precision(scores.counts());
      case RECALL -> recall(scores.counts());
      case SPECIFICITY -> specificity(scores.counts());
      case HAUSDORFF95 -> scores.hausdorff95();
    };
  }

  /** {@code 2 TP / (2 TP + FP + FN)}. */
  static double dice(Counts c) {
    return c.truth() + c.predicted() == 0
        ? 1
        : ratio(2 * c.truePositive(), c.truth() + c.predicted());
  }

  /** {@code TP / (TP + FP + FN)}. */
  static double iou(Counts c) {
    return c.truth() + c.predicted() == 0
        ? 1
        : ratio(c.truePositive(), c.truth() + c.falsePositive());
  }

  /** {@code (TP + TN) / all}. */
  static double accuracy(Counts c) {
    return ratio(c.truePositive() + c.trueNegative(), c.pixels());
  }

  /** {@code TP / (TP + FP)}: how much of the prediction is tumour. */
  static double precision(Counts c) {
    return ratio(c.truePositive(), c.predicted());
  }

  /** {@code TP / (TP + FN)}: how much of the tumour was found. */
  static double recall(Counts c) {
    return ratio(c.truePositive(), c.truth());
  }

  /** {@code TN / (TN + FP)}: how much of the rest was left alone. */
  static double specificity(Counts c) {
    return ratio(c.trueNegative(), c.trueNegative() + c.falsePositive());
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }
}
