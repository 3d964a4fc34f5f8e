package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MetricTest {
  private static final double EXACT = 1e-12;

  @Test
  void everyRatioIsAsByHand() {
    // 3 agree, 2 only in the prediction, 1 only in the truth, 6 in neither.
    Scores scores =
        Scores.of(
            Drawn.mask("##..", "##..", "...."), //
            Drawn.mask("##..", "#...", "##.."));
    assertEquals(new Counts(3, 2, 1, 6), scores.counts());
    assertEquals(6.0 / 9, Metric.DICE.of(scores), EXACT);
    assertEquals(3.0 / 6, Metric.IOU.of(scores), EXACT);
    assertEquals(9.0 / 12, Metric.ACCURACY.of(scores), EXACT);
    assertEquals(3.0 / 5, Metric.PRECISION.of(scores), EXACT);
    assertEquals(3.0 / 4, Metric.RECALL.of(scores), EXACT);
    assertEquals(6.0 / 8, Metric.SPECIFICITY.of(scores), EXACT);
    assertEquals(1, Metric.HAUSDORFF95.of(scores), EXACT);
  }

  @Test
  void emptyTruthAndEmptyPredictionAgree() {
    Scores scores = Scores.of(Drawn.mask("..", ".."), Drawn.mask("..", ".."));
    assertEquals(1, scores.dice());
    assertEquals(1, scores.iou());
    assertEquals(1, Metric.ACCURACY.of(scores));
    assertEquals(1, Metric.SPECIFICITY.of(scores));
    assertEquals(Double.NaN, Metric.PRECISION.of(scores));
    assertEquals(Double.NaN, Metric.RECALL.of(scores));
    assertEquals(Double.NaN, Metric.HAUSDORFF95.of(scores));
  }

  @Test
  void aFalseAlarmInAnEmptySliceScoresNothing() {
    Scores scores = Scores.of(Drawn.mask("..", ".."), Drawn.mask("#.", ".."));
    assertEquals(0, scores.dice());
    assertEquals(0, scores.iou());
    assertEquals(0, Metric.PRECISION.of(scores));
    assertEquals(Double.NaN, Metric.RECALL.of(scores));
    assertEquals(0.75, Metric.SPECIFICITY.of(scores));
    assertEquals(Double.NaN, Metric.HAUSDORFF95.of(scores));
  }

  @Test
  void aMissedTumourScoresNothing() {
    Scores scores = Scores.of(Drawn.mask("#.", ".."), Drawn.mask("..", ".."));
    assertEquals(0, scores.dice());
    assertEquals(0, scores.iou());
    assertEquals(Double.NaN, Metric.PRECISION.of(scores));
    assertEquals(0, Metric.RECALL.of(scores));
    assertEquals(Double.NaN, Metric.HAUSDORFF95.of(scores));
  }

  @Test
  void whereAllIsTumourThereIsNothingToLeaveAlone() {
    Scores scores = Scores.of(Drawn.mask("##"), Drawn.mask("##"));
    assertEquals(1, scores.dice());
    assertEquals(Double.NaN, Metric.SPECIFICITY.of(scores));
    assertEquals(0, Metric.HAUSDORFF95.of(scores));
  }
}
