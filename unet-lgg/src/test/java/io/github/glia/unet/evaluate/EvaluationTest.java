package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Problem;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.json.Json;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final double EXACT = 1e-12;
  private static final Mask EMPTY = Drawn.mask("....", "....");

  /**
   * Two patients. The first: a slice with Dice 2/3, an empty one that stays empty. The second: a
   * missed slice, a perfect one, a false alarm.
   */
  private static Evaluation example() {
    Mask left = Drawn.mask("##..", "....");
    Mask leftmost = Drawn.mask("#...", "....");
    Mask right = Drawn.mask("...#", "...#");
    return Drawn.evaluate(
        List.of(
            Drawn.patient("first", left, EMPTY), //
            Drawn.patient("second", left, right, EMPTY)),
        leftmost,
        EMPTY,
        EMPTY,
        right,
        leftmost);
  }

  @Test
  void perVolumePerTumourSliceAndPerSlice() {
    Evaluation evaluation = example();
    assertEquals(2, evaluation.count(Scope.VOLUME));
    assertEquals(3, evaluation.count(Scope.TUMOUR_SLICE));
    assertEquals(5, evaluation.count(Scope.SLICE));
    // Volumes: 2·1 / (2 + 1), and 2·2 / (4 + 3).
    Statistics volume = evaluation.statistics(Scope.VOLUME, Metric.DICE);
    assertEquals((2.0 / 3 + 4.0 / 7) / 2, volume.mean(), EXACT);
    assertEquals(4.0 / 7, volume.min(), EXACT);
    Statistics tumour = evaluation.statistics(Scope.TUMOUR_SLICE, Metric.DICE);
    assertEquals((2.0 / 3 + 0 + 1) / 3, tumour.mean(), EXACT);
    assertEquals(2.0 / 3, tumour.median(), EXACT);
    Statistics slices = evaluation.statistics(Scope.SLICE, Metric.DICE);
    assertEquals((2.0 / 3 + 1 + 0 + 1 + 0) / 5, slices.mean(), EXACT);
    assertEquals(2.0 / 3, slices.median(), EXACT);
    // Recall is of the slices with tumour only.
    Statistics recall = evaluation.statistics(Scope.SLICE, Metric.RECALL);
    assertEquals(3, recall.count());
    assertEquals(2, recall.undefined());
    assertEquals(0.5, recall.mean(), EXACT);
  }

  @Test
  void lesionsAreOfVolumes() {
    // In the second volume both lesions are apart by a column; the false alarm in the third slice
    // does not overlap anything.
    assertEquals(new Lesions(2, 1, 1), example().lesions());
  }

  @Test
  void aPixelAtTheThresholdIsTumour() {
    Patient patient = Drawn.patient("a", Drawn.mask("##.."));
    Segmenter segmenter = slices -> List.of(new float[] {0.5f, 0.49f, 0.5f, 0});
    Evaluation evaluation = Evaluation.of(List.of(patient), segmenter, 0.5);
    assertEquals(0.5, evaluation.statistics(Scope.VOLUME, Metric.DICE).mean(), EXACT);
  }

  @Test
  void slicesOfAVolumeMayHaveTheirOwnSizes() {
    Patient patient = Drawn.patient("a", Drawn.mask("##..", "##.."), Drawn.mask("#."));
    Evaluation evaluation =
        Drawn.evaluate(List.of(patient), Drawn.mask("##..", "...."), Drawn.mask("##"));
    // TP 2 + 1, FP 0 + 1, FN 2 + 0, TN 4 + 0: what fills up the smaller slice does not count.
    assertEquals(6.0 / 9, evaluation.statistics(Scope.VOLUME, Metric.DICE).mean(), EXACT);
    assertEquals(7.0 / 10, evaluation.statistics(Scope.VOLUME, Metric.ACCURACY).mean(), EXACT);
    assertEquals(new Lesions(1, 0, 0), evaluation.lesions());
    ThresholdCurve.Point middle = evaluation.thresholdCurve().points().get(24);
    assertEquals(6.0 / 9, middle.dice(), EXACT);
  }

  @Test
  void jsonHasTheDocumentedKeys() {
    Evaluation evaluation =
        example().withSkipped(List.of(new Problem(Path.of("x.tif"), "has no mask")));
    Map<?, ?> json = (Map<?, ?>) Json.parse(Json.write(evaluation.toJson()));
    assertEquals(
        Set.of(
            "threshold",
            "volume",
            "tumourSlice",
            "slice",
            "lesions",
            "thresholdCurve",
            "patients",
            "skipped"),
        json.keySet());
    assertEquals(2.0, at(json, "volume", "count"));
    assertEquals((2.0 / 3 + 4.0 / 7) / 2, (Double) at(json, "volume", "dice", "mean"), EXACT);
    assertEquals((2.0 / 3 + 4.0 / 7) / 2, (Double) at(json, "volume", "dice", "median"), EXACT);
    assertEquals(List.of(4.0 / 7, 2.0 / 3), at(json, "volume", "dice", "meanInterval"));
    assertEquals(8.0 / 15, (Double) at(json, "slice", "dice", "mean"), EXACT);
    assertEquals(2.0, at(json, "slice", "recall", "undefined"));
    assertEquals(1.0, at(json, "lesions", "missed"));
    assertEquals(49, ((List<?>) json.get("thresholdCurve")).size());
    Map<?, ?> second = (Map<?, ?>) ((List<?>) json.get("patients")).get(1);
    assertEquals("second", second.get("name"));
    assertEquals(3.0, second.get("slices"));
    assertEquals(2.0, second.get("tumourSlices"));
    assertEquals(4.0, second.get("tumourPixels"));
    assertEquals(3.0, second.get("predictedPixels"));
    assertEquals(4.0 / 7, (Double) second.get("dice"), EXACT);
    assertEquals(List.of(Map.of("file", "x.tif", "reason", "has no mask")), json.get("skipped"));
  }

  @Test
  void whatIsNotANumberIsNull() {
    Evaluation evaluation = Drawn.evaluate(List.of(Drawn.patient("a", EMPTY)), EMPTY);
    Map<?, ?> json = (Map<?, ?>) Json.parse(Json.write(evaluation.toJson()));
    assertEquals(1.0, at(json, "volume", "dice", "mean"));
    assertEquals(null, at(json, "volume", "recall", "mean"));
    assertEquals(Arrays.asList(null, null), at(json, "volume", "dice", "meanInterval"));
    assertEquals(0.0, at(json, "tumourSlice", "count"));
    assertEquals(null, at(json, "tumourSlice", "dice", "mean"));
    assertEquals(List.of(), json.get("skipped"));
  }

  @Test
  void refusesWhatItCannotJudge() {
    Patient patient = Drawn.patient("a", EMPTY);
    Segmenter silent = Drawn.segmenter(EMPTY);
    refused("there are no patients", List.of(), silent, 0.5);
    refused("threshold 0.0: expected more than 0", List.of(patient), silent, 0);
    refused("threshold NaN", List.of(patient), silent, Double.NaN);
    refused("patient a: 1 slices, but predictions for 0", List.of(patient), s -> List.of(), 0.5);
    refused(
        "a_1.tif: 8 pixels, but 3 probabilities",
        List.of(patient),
        s -> List.of(new float[3]),
        0.5);
    Slice unknown = new Slice("b", 1, Path.of("b.tif"), 1, 1, 1, new byte[1], null);
    refused(
        "b.tif: has no mask",
        List.of(new Patient("b", List.of(unknown))),
        s -> List.of(new float[1]),
        0.5);
  }

  private static void refused(
      String message, List<Patient> patients, Segmenter segmenter, double threshold) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Evaluation.of(patients, segmenter, threshold));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  private static Object at(Map<?, ?> json, String... path) {
    Object value = json;
    for (String key : path) {
      assertTrue(((Map<?, ?>) value).containsKey(key), key);
      value = ((Map<?, ?>) value).get(key);
    }
    return value;
  }
}
