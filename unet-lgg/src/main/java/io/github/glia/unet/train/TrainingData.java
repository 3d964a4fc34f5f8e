package io.github.glia.unet.train;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.evaluate.Epoch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The slices that train and the volumes that validate, checked to fit the network. */
final class TrainingData {
  /** What a model is validated at: see {@link VolumeDice}. */
  private static final double THRESHOLD = 0.5;

  private final Split split;
  private final List<Slice> train;
  private final List<Patient> validation;

  TrainingData(DataSet data, Split split, TrainOptions options) {
    this.split = split;
    requireKnown(data, split);
    train = data.slicesOf(new HashSet<>(split.train()));
    Set<String> validating = new HashSet<>(split.validation());
    validation =
        data.patients().stream().filter(patient -> validating.contains(patient.name())).toList();
    if (train.isEmpty()) {
      throw new IllegalArgumentException(
          "there are no patients to train on: " + data.description());
    }
    if (validation.isEmpty()
        && (options.learning().earlyStopping() > 0
            || options.optimizer().scheduling().kind() == Scheduling.Kind.PLATEAU)) {
      throw new IllegalArgumentException(
          "--early-stopping and --schedule plateau need patients for validation, and there are"
              + " none");
    }
    train.forEach(slice -> check(slice, options));
    validation.forEach(patient -> patient.slices().forEach(slice -> check(slice, options)));
  }

  private static void requireKnown(DataSet data, Split split) {
    Set<String> known = new HashSet<>();
    data.patients().forEach(patient -> known.add(patient.name()));
    for (Collection<String> part : List.of(split.train(), split.validation())) {
      List<String> unknown = new ArrayList<>(part);
      unknown.removeAll(known);
      if (!unknown.isEmpty()) {
        throw new IllegalArgumentException(
            "the split names patients that are not in the data: " + String.join(", ", unknown));
      }
    }
  }

  private void check(Slice slice, TrainOptions options) {
    if (slice.mask() == null) {
      throw new IllegalArgumentException(
          slice.source() + " has no mask: training needs one for each slice");
    }
    if (slice.channels() != channels()) {
      throw new IllegalArgumentException(
          String.format(
              "%s has %d channels, but %s has %d",
              slice.source(), slice.channels(), train.get(0).source(), channels()));
    }
    if (slice.height() != options.data().size() || slice.width() != options.data().size()) {
      throw new IllegalArgumentException(
          String.format(
              "%s was read as %d×%d, but --size is %d",
              slice.source(), slice.height(), slice.width(), options.data().size()));
    }
  }

  List<Slice> train() {
    return train;
  }

  List<Patient> validation() {
    return validation;
  }

  int channels() {
    return train.get(0).channels();
  }

  Split split() {
    return split;
  }

  ModelInfo modelInfo(TrainOptions options, Epoch epoch) {
    return new ModelInfo(
        options.network(channels()),
        options.data().size(),
        options.data().patch(),
        options.data().normalization(),
        options.data().modalities(),
        THRESHOLD,
        epoch.number(),
        epoch.validationDice());
  }
}
