package io.github.glia.unet.cli;

import io.github.glia.tensor.Device;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.evaluate.Evaluation;
import io.github.glia.unet.evaluate.OriginalSize;
import io.github.glia.unet.evaluate.Report;
import io.github.glia.unet.predict.NetworkSegmenter;
import io.github.glia.unet.train.DeviceFlag;
import io.github.glia.unet.train.LearningOptions.Select;
import io.github.glia.unet.train.Outcome;
import io.github.glia.unet.train.Scheduling;
import io.github.glia.unet.train.SplitOptions;
import io.github.glia.unet.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is reported of a training: the figures of held-out patients, and how honest they are. */
final class TrainReport {
  private final TrainOptions options;
  private final TrainPatients patients;
  private final Outcome outcome;
  private final TrainSetup setup;

  /**
   * @param options with the device and the precision that were trained with
   */
  TrainReport(TrainOptions options, TrainPatients patients, Outcome outcome) {
    this.options = options;
    this.patients = patients;
    this.outcome = outcome;
    setup = new TrainSetup(options, patients);
  }

  /**
   * Writes the page, and the figures for machines.
   *
   * @param json null for none
   * @return the figures in a line
   */
  String write(Path page, Path json) throws IOException {
    List<Patient> heldOut = patients.heldOut();
    if (heldOut.isEmpty()) {
      Report.writeWithoutFigures(page, outcome.history(), setup());
      Figures.write(json, withTraining(Evaluation.jsonOfNobody(patients.data().problems())));
      return "nothing was held out: there are no figures of unseen patients";
    }
    OriginalSize original = originalSize();
    Evaluation evaluation = evaluate(heldOut, original);
    Report.write(page, evaluation, heldOut, original, outcome.history(), setup());
    Figures.write(json, withTraining(evaluation.toJson()));
    return Figures.of(evaluation, heldOut.size());
  }

  private Map<String, Object> withTraining(Map<String, Object> figures) {
    Map<String, Object> training = new LinkedHashMap<>();
    training.put("ended", outcome.end().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    training.put("modelEpoch", outcome.modelEpoch());
    training.put("shareWaited", outcome.shareWaited());
    training.put("epochs", outcome.history().toJson());
    Map<String, Object> all = new LinkedHashMap<>(figures);
    all.put("training", training);
    all.put("setup", setup.toJson());
    return all;
  }

  private Evaluation evaluate(List<Patient> heldOut, OriginalSize original) throws IOException {
    Device device = DeviceFlag.of(options.run().device());
    NetworkSegmenter.Options how =
        new NetworkSegmenter.Options(
            options.run().precision().ready(device),
            options.learning().batchSize(),
            false,
            NetworkSegmenter.Coverage.AS_TRAINED);
    try (NetworkSegmenter segmenter = NetworkSegmenter.load(outcome.model(), device, how)) {
      return Evaluation.of(heldOut, original, segmenter, segmenter.info().threshold())
          .withSkipped(patients.data().problems());
    }
  }

  /** Figures are of the masks as they were drawn. */
  private OriginalSize originalSize() {
    String folder = options.data().folder();
    return folder == null
        ? patient -> patient
        : new OwnSize(Path.of(folder), TrainPatients.readOptions(options.data()));
  }

  private Map<String, String> setup() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put(Report.SPLIT, howSplit() + " " + howChosen());
    text.put(
        "waiting for data",
        String.format(Locale.ROOT, "%.1f %% of the training steps", 100 * outcome.shareWaited()));
    setup.toText().forEach(text::putIfAbsent);
    return text;
  }

  private String howSplit() {
    SplitOptions how = options.split();
    String manner = "by patient";
    if (how.by() == SplitOptions.By.SLICE) {
      manner = "by slice, which leaks";
    } else if (how.folds() > 0) {
      manner = "by patient, fold " + how.fold() + " of " + how.folds();
    } else if (how.file().isPresent()) {
      manner = "by patient, as " + how.file().get() + " has it";
    }
    Split split = patients.split();
    return String.format(
        Locale.ROOT,
        "%s; %d patients trained, %d validated, %d tested; %s.",
        manner,
        split.train().size(),
        split.validation().size(),
        split.test().size(),
        patients.heldOut().isEmpty()
            ? "nobody was held out"
            : "these figures are of the "
                + (patients.isTested() ? "test" : "validation")
                + " patients");
  }

  /** Whether the patients of the figures had a say in what they measure. */
  private String howChosen() {
    boolean validated = !patients.split().validation().isEmpty();
    boolean last = !validated || options.learning().select() == Select.LAST;
    String epoch =
        last
            ? "The model is that of the last epoch, " + outcome.modelEpoch() + "."
            : String.format(
                Locale.ROOT,
                "The model is that of epoch %d of %d, the best on the validation patients.",
                outcome.modelEpoch(),
                outcome.history().epochs().size());
    if (!validated || patients.isTested()) {
      return epoch;
    }
    String flattery =
        last
            ? ""
            : " They are those of the figures, which flatters them: --select last, or a split with a"
                + " test part, does not.";
    return epoch + flattery + otherSay();
  }

  private String otherSay() {
    String say = "";
    if (options.learning().earlyStopping() > 0) {
      say += " They also decided when training stopped (--early-stopping).";
    }
    if (Scheduling.parse(options.optimizer().schedule()).kind() == Scheduling.Kind.PLATEAU) {
      say += " They also decided when the learning rate fell (--schedule plateau).";
    }
    return say;
  }
}
