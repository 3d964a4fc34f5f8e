package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Problem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How good the predictions for some patients are: per volume, per slice with tumour and per slice,
 * and lesion by lesion.
 */
public final class Evaluation {
  private final double threshold;
  private final List<PatientResult> patients;
  private final List<Problem> skipped;
  private final Map<Scope, Map<Metric, Statistics>> statistics;
  private final ThresholdCurve thresholdCurve;

  private Evaluation(
      double threshold,
      List<PatientResult> patients,
      List<Problem> skipped,
      Map<Scope, Map<Metric, Statistics>> statistics,
      ThresholdCurve thresholdCurve) {
    this.threshold = threshold;
    this.patients = List.copyOf(patients);
    this.skipped = List.copyOf(skipped);
    this.statistics = statistics;
    this.thresholdCurve = thresholdCurve;
  }

  /**
   * Lets the segmenter predict every volume, and compares with the truth.
   *
   * @param patients whose slices all have masks
   * @param threshold the probability from which on a pixel is called tumour
   */
  public static Evaluation of(List<Patient> patients, Segmenter segmenter, double threshold) {
    check(patients, threshold);
    List<PatientResult> results = new ArrayList<>();
    for (Patient patient : patients) {
      results.add(judge(patient, segmenter, threshold));
    }
    return of(results, threshold);
  }

  /**
   * The same at another size, of which one patient is held at a time.
   *
   * @throws IOException if a patient cannot be given at that size
   */
  public static Evaluation of(
      List<Patient> patients, OriginalSize original, Segmenter segmenter, double threshold)
      throws IOException {
    check(patients, threshold);
    List<PatientResult> results = new ArrayList<>();
    for (Patient patient : patients) {
      results.add(judge(original.of(patient), segmenter, threshold));
    }
    return of(results, threshold);
  }

  private static void check(List<Patient> patients, double threshold) {
    if (patients.isEmpty()) {
      throw new IllegalArgumentException("there are no patients to evaluate");
    }
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException(
          "threshold " + threshold + ": expected more than 0 and at most 1");
    }
  }

  private static PatientResult judge(Patient patient, Segmenter segmenter, double threshold) {
    return PatientResult.of(patient, segmenter.probabilities(patient.slices()), threshold);
  }

  private static Evaluation of(List<PatientResult> results, double threshold) {
    Map<Scope, Map<Metric, Statistics>> statistics = new EnumMap<>(Scope.class);
    for (Scope scope : Scope.values()) {
      Map<Metric, Statistics> ofScope = new EnumMap<>(Metric.class);
      for (Metric metric : Metric.values()) {
        ofScope.put(metric, Statistics.of(scope.values(results, metric)));
      }
      statistics.put(scope, ofScope);
    }
    return new Evaluation(threshold, results, List.of(), statistics, ThresholdCurve.of(results));
  }

  /** The same, with the files that were left out, so that report and JSON tell of them. */
  public Evaluation withSkipped(List<Problem> problems) {
    return new Evaluation(threshold, patients, problems, statistics, thresholdCurve);
  }

  public double threshold() {
    return threshold;
  }

  public List<Problem> skipped() {
    return skipped;
  }

  public Statistics statistics(Scope scope, Metric metric) {
    return statistics.get(scope).get(metric);
  }

  /** How many volumes or slices there are. */
  public int count(Scope scope) {
    return (int) patients.stream().flatMap(scope::scores).count();
  }

  /** Of all patients together. */
  public Lesions lesions() {
    return patients.stream().map(PatientResult::lesions).reduce(Lesions.NONE, Lesions::plus);
  }

  public ThresholdCurve thresholdCurve() {
    return thresholdCurve;
  }

  List<PatientResult> patients() {
    return patients;
  }

  /**
   * The figures for machines:
   *
   * <ul>
   *   <li>{@code threshold}
   *   <li>{@code volume}, {@code tumourSlice} and {@code slice}, each with {@code count} and, for
   *       each of {@code dice}, {@code iou}, {@code accuracy}, {@code precision}, {@code recall},
   *       {@code specificity} and {@code hausdorff95} (pixels): {@code count} (of the values that
   *       are numbers), {@code undefined} (of those that are not), {@code mean}, {@code median},
   *       {@code deviation}, {@code min}, {@code max}, and the 95 % bootstrap intervals {@code
   *       meanInterval} and {@code medianInterval} as {@code [low, high]}
   *   <li>{@code lesions}: {@code count}, {@code found}, {@code missed}, {@code falseAlarms}
   *   <li>{@code thresholdCurve}: for each {@code threshold} the means over the volumes of {@code
   *       dice}, {@code iou}, {@code precision} and {@code recall}
   *   <li>{@code patients}: for each its {@code name}, {@code slices}, {@code tumourSlices}, {@code
   *       tumourPixels}, {@code predictedPixels}, every metric of its volume, and {@code lesions}
   *   <li>{@code skipped}: {@code file} and {@code reason} of what was left out
   * </ul>
   *
   * What is not a number is null; {@link Metric} says when that is.
   */
  public Map<String, Object> toJson() {
    return EvaluationJson.of(this);
  }

  /** The same where nobody was held out: {@code volume.count} is 0, and {@code skipped}. */
  public static Map<String, Object> jsonOfNobody(List<Problem> skipped) {
    return EvaluationJson.ofNobody(skipped);
  }
}
