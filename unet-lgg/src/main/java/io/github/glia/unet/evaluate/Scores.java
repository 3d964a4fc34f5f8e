package io.github.glia.unet.evaluate;

/**
 * Everything that is measured of one slice or volume.
 *
 * @param hausdorff95 in pixels; not a number where truth or prediction is empty
 */
public record Scores(Counts counts, double hausdorff95) {
  static Scores of(Mask truth, Mask prediction) {
    return new Scores(Counts.of(truth, prediction), Hausdorff.percentile95(truth, prediction));
  }

  public double dice() {
    return Metric.DICE.of(this);
  }

  public double iou() {
    return Metric.IOU.of(this);
  }
}
