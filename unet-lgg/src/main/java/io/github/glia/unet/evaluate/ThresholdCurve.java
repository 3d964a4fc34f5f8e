package io.github.glia.unet.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What other thresholds would have given. */
public record ThresholdCurve(List<Point> points) {
  private static final int STEPS = 50;

  /** Means over the volumes, at one threshold. */
  public record Point(double threshold, double dice, double iou, double precision, double recall) {}

  private static double threshold(int index) {
    return (index + 1.0) / STEPS;
  }

  /** The voxels of a volume's slices at each threshold, with one look at each. */
  static List<Counts> counts(List<Mask> truth, List<float[]> probabilities) {
    long[] tumour = new long[STEPS];
    long[] other = new long[STEPS];
    for (int z = 0; z < probabilities.size(); z++) {
      float[] slice = probabilities.get(z);
      for (int i = 0; i < slice.length; i++) {
        long[] histogram = truth.get(z).bits().get(i) ? tumour : other;
        histogram[passed(slice[i])]++;
      }
    }
    // From the highest threshold down, ever more is called tumour.
    List<Counts> counts = new ArrayList<>();
    long positive = Arrays.stream(tumour).sum();
    long negative = Arrays.stream(other).sum();
    long hits = 0;
    long falseAlarms = 0;
    for (int i = STEPS - 1; i > 0; i--) {
      hits += tumour[i];
      falseAlarms += other[i];
      counts.add(0, new Counts(hits, falseAlarms, positive - hits, negative - falseAlarms));
    }
    return counts;
  }

  /** How many thresholds the probability is at or above. */
  private static int passed(float probability) {
    int passed = Math.min((int) (probability * STEPS), STEPS - 1);
    if (passed > 0 && probability < threshold(passed - 1)) {
      passed--;
    } else if (passed < STEPS - 1 && probability >= threshold(passed)) {
      passed++;
    }
    return passed;
  }

  static ThresholdCurve of(List<PatientResult> patients) {
    return new ThresholdCurve(
        IntStream.range(0, STEPS - 1)
            .mapToObj(
                i ->
                    new Point(
                        threshold(i),
                        mean(patients, i, Metric.DICE),
                        mean(patients, i, Metric.IOU),
                        mean(patients, i, Metric.PRECISION),
                        mean(patients, i, Metric.RECALL)))
            .toList());
  }

  private static double mean(List<PatientResult> patients, int index, Metric metric) {
    return patients.stream()
        .mapToDouble(patient -> metric.of(new Scores(patient.byThreshold().get(index), Double.NaN)))
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }
}
