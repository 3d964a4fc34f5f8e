package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.Patient;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThresholdCurveTest {
  private static final double EXACT = 1e-12;

  @Test
  void everyPointIsWhatAnEvaluationAtItsThresholdGives() {
    Philox random = new Philox(6, 0);
    List<Patient> patients =
        List.of(
            Drawn.patient(
                "a", Drawn.random(random, 1, 9, 9, 0.3), Drawn.random(random, 1, 9, 9, 0.1)),
            Drawn.patient("b", Drawn.random(random, 1, 9, 9, 0.2)));
    // Hundredths, so that many lie on a threshold; the ends too.
    Segmenter segmenter =
        slices ->
            slices.stream()
                .map(
                    slice -> {
                      Philox own = new Philox(7, slice.number());
                      float[] values = new float[81];
                      for (int i = 0; i < values.length; i++) {
                        values[i] = own.nextInt(101) / 100f;
                      }
                      return values;
                    })
                .toList();
    ThresholdCurve curve = Evaluation.of(patients, segmenter, 0.5).thresholdCurve();
    assertEquals(49, curve.points().size());
    for (int i = 0; i < 49; i++) {
      ThresholdCurve.Point point = curve.points().get(i);
      assertEquals((i + 1) / 50.0, point.threshold(), EXACT);
      Evaluation there = Evaluation.of(patients, segmenter, point.threshold());
      assertEquals(there.statistics(Scope.VOLUME, Metric.DICE).mean(), point.dice(), EXACT);
      assertEquals(there.statistics(Scope.VOLUME, Metric.IOU).mean(), point.iou(), EXACT);
      assertEquals(there.statistics(Scope.VOLUME, Metric.RECALL).mean(), point.recall(), EXACT);
      assertEquals(
          there.statistics(Scope.VOLUME, Metric.PRECISION).mean(), point.precision(), EXACT);
    }
  }

  @Test
  void withoutTumourRecallIsNotANumber() {
    Mask empty = Drawn.mask("..", "..");
    Evaluation evaluation = Drawn.evaluate(List.of(Drawn.patient("a", empty)), empty);
    ThresholdCurve.Point low = evaluation.thresholdCurve().points().get(0);
    ThresholdCurve.Point high = evaluation.thresholdCurve().points().get(48);
    assertEquals(0, low.dice());
    assertEquals(0, low.precision());
    assertEquals(Double.NaN, low.recall());
    assertEquals(1, high.dice());
    assertEquals(Double.NaN, high.precision());
  }
}
