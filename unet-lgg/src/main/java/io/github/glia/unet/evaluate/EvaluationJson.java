package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Problem;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An evaluation as JSON values; {@link Evaluation#toJson} names the keys. */
final class EvaluationJson {
  private EvaluationJson() {}

  static Map<String, Object> of(Evaluation evaluation) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("threshold", evaluation.threshold());
    for (Scope scope : Scope.values()) {
      Map<String, Object> ofScope = new LinkedHashMap<>();
      ofScope.put("count", (double) evaluation.count(scope));
      for (Metric metric : Metric.values()) {
        ofScope.put(metric.key(), statistics(evaluation.statistics(scope, metric)));
      }
      json.put(scope.key(), ofScope);
    }
    json.put("lesions", lesions(evaluation.lesions()));
    json.put(
        "thresholdCurve",
        evaluation.thresholdCurve().points().stream().map(EvaluationJson::point).toList());
    json.put("patients", evaluation.patients().stream().map(EvaluationJson::patient).toList());
    json.put("skipped", skipped(evaluation.skipped()));
    return json;
  }

  static Map<String, Object> ofNobody(List<Problem> problems) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(Scope.VOLUME.key(), Map.of("count", 0.0));
    json.put("skipped", skipped(problems));
    return json;
  }

  private static List<Map<String, String>> skipped(List<Problem> problems) {
    return problems.stream()
        .map(problem -> Map.of("file", problem.file().toString(), "reason", problem.reason()))
        .toList();
  }

  private static Map<String, Object> statistics(Statistics statistics) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", (double) statistics.count());
    json.put("undefined", (double) statistics.undefined());
    json.put("mean", number(statistics.mean()));
    json.put("median", number(statistics.median()));
    json.put("deviation", number(statistics.deviation()));
    json.put("min", number(statistics.min()));
    json.put("max", number(statistics.max()));
    json.put("meanInterval", interval(statistics.meanInterval()));
    json.put("medianInterval", interval(statistics.medianInterval()));
    return json;
  }

  private static List<Double> interval(Statistics.Interval interval) {
    return Arrays.asList(number(interval.low()), number(interval.high()));
  }

  private static Map<String, Object> lesions(Lesions lesions) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("count", (double) lesions.total());
    json.put("found", (double) lesions.found());
    json.put("missed", (double) lesions.missed());
    json.put("falseAlarms", (double) lesions.falseAlarms());
    return json;
  }

  private static Map<String, Object> point(ThresholdCurve.Point point) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("threshold", point.threshold());
    json.put("dice", number(point.dice()));
    json.put("iou", number(point.iou()));
    json.put("precision", number(point.precision()));
    json.put("recall", number(point.recall()));
    return json;
  }

  private static Map<String, Object> patient(PatientResult patient) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", patient.name());
    json.put("slices", (double) patient.slices().size());
    json.put("tumourSlices", (double) Scope.TUMOUR_SLICE.scores(patient).count());
    json.put("tumourPixels", (double) patient.scores().counts().truth());
    json.put("predictedPixels", (double) patient.scores().counts().predicted());
    for (Metric metric : Metric.values()) {
      json.put(metric.key(), number(metric.of(patient.scores())));
    }
    json.put("lesions", lesions(patient.lesions()));
    return json;
  }

  /** JSON has no NaN. */
  private static Double number(double value) {
    return Double.isNaN(value) ? null : Double.valueOf(value);
  }
}
