package io.github.glia.unet.evaluate;

import java.util.List;
import java.util.stream.Stream;

/** What is one case: a volume or a slice. */
public enum Scope {
  /** All voxels of a patient together; the figure that papers call volumetric. */
  VOLUME("volume", "Per volume") {
    @Override
    Stream<Scores> scores(PatientResult patient) {
      return Stream.of(patient.scores());
    }
  },
  /** Only the slices whose truth has tumour. */
  TUMOUR_SLICE("tumourSlice", "Per slice with tumour") {
    @Override
    Stream<Scores> scores(PatientResult patient) {
      return SLICE.scores(patient).filter(scores -> scores.counts().truth() > 0);
    }
  },
  /** Every slice; most are empty, and an empty one that stays empty counts as a Dice of 1. */
  SLICE("slice", "Per slice, empty ones too") {
    @Override
    Stream<Scores> scores(PatientResult patient) {
      return patient.slices().stream().map(SliceResult::scores);
    }
  };

  private final String key;
  private final String label;

  Scope(String key, String label) {
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

  abstract Stream<Scores> scores(PatientResult patient);

  /** The values of a metric, for each patient. */
  List<double[]> values(List<PatientResult> patients, Metric metric) {
    return patients.stream()
        .map(patient -> scores(patient).mapToDouble(metric::of).toArray())
        .toList();
  }
}
