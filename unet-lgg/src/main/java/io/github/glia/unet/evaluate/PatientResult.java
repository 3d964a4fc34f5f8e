package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of one volume.
 *
 * @param scores of all its voxels together
 * @param byThreshold its voxels at each threshold of {@link ThresholdCurve}
 */
record PatientResult(
    String name,
    List<SliceResult> slices,
    Scores scores,
    Lesions lesions,
    List<Counts> byThreshold) {

  static PatientResult of(Patient patient, List<float[]> probabilities, double threshold) {
    check(patient, probabilities);
    List<SliceResult> results = new ArrayList<>();
    for (int i = 0; i < probabilities.size(); i++) {
      Slice slice = patient.slices().get(i);
      Mask truth = Mask.truth(slice);
      Mask prediction = Mask.prediction(slice, probabilities.get(i), threshold);
      float[] values = probabilities.get(i);
      double peak = truth.bits().stream().mapToDouble(at -> values[at]).max().orElse(Double.NaN);
      results.add(
          new SliceResult(slice.number(), truth, prediction, Scores.of(truth, prediction), peak));
    }
    List<Mask> truths = results.stream().map(SliceResult::truth).toList();
    Mask truth = Mask.stack(truths);
    Mask prediction = Mask.stack(results.stream().map(SliceResult::prediction).toList());
    Counts counts =
        results.stream().map(slice -> slice.scores().counts()).reduce(Counts.NONE, Counts::plus);
    return new PatientResult(
        patient.name(),
        results,
        new Scores(counts, Hausdorff.percentile95(truth, prediction)),
        Lesions.of(truth, prediction),
        ThresholdCurve.counts(truths, probabilities));
  }

  private static void check(Patient patient, List<float[]> probabilities) {
    List<Slice> slices = patient.slices();
    if (probabilities.size() != slices.size()) {
      throw new IllegalArgumentException(
          "patient %s: %d slices, but predictions for %d"
              .formatted(patient.name(), slices.size(), probabilities.size()));
    }
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      float[] values = probabilities.get(i);
      if (values.length != slice.height() * slice.width()) {
        throw new IllegalArgumentException(
            "%s: %d pixels, but %d probabilities"
                .formatted(slice.source(), slice.height() * slice.width(), values.length));
      }
    }
  }
}
