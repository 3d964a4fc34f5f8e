package io.github.glia.unet.cli;

import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.data.Splits;
import io.github.glia.unet.phantom.PhantomOptions;
import io.github.glia.unet.phantom.Phantoms;
import io.github.glia.unet.train.DataOptions;
import io.github.glia.unet.train.SplitOptions;
import io.github.glia.unet.train.TrainOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The patients of a training, and who of them trains, validates and tests. */
record TrainPatients(DataSet data, Split split) {
  /** What marks the pieces of a patient that went to training, validation and test. */
  private static final List<String> PARTS = List.of(" (training)", " (validation)", " (test)");

  private static final PhantomOptions PHANTOMS = new PhantomOptions(40, 20, 128, 1);

  /** Reads them; a run that goes on keeps the split that it began with. */
  static TrainPatients read(TrainOptions options, Path out) throws IOException {
    if (options.split().by() == SplitOptions.By.SLICE) {
      DataSet pieces = pieces(options, data(options));
      return new TrainPatients(pieces, ofPieces(pieces));
    }
    Optional<Path> file = splitFile(options, out);
    if (file.isEmpty()) {
      DataSet all = data(options);
      return new TrainPatients(all, newSplit(options, all));
    }
    // The split first: it is read in no time, and the data may take minutes.
    Split split = Splits.read(file.get());
    DataSet all = data(options);
    try {
      Splits.check(split, all);
    } catch (IOException e) {
      throw new IOException(file.get() + ": " + e.getMessage(), e);
    }
    return new TrainPatients(all, split);
  }

  /** Those that no part of the split has. */
  List<String> unused() {
    return data.patients().stream()
        .map(Patient::name)
        .filter(name -> !split.patients().contains(name))
        .toList();
  }

  /** Held-out patients: those that only test where there are some, else those that validate. */
  List<Patient> heldOut() {
    List<String> names = isTested() ? split.test() : split.validation();
    return data.patients().stream().filter(patient -> names.contains(patient.name())).toList();
  }

  /** Whether there are patients that neither train nor validate. */
  boolean isTested() {
    return !split.test().isEmpty();
  }

  static ReadOptions readOptions(DataOptions options) {
    List<String> modalities =
        options.modalities().equals("all") ? List.of() : List.of(options.modalities().split(","));
    return new ReadOptions(
        options.size(),
        Normalization.valueOf(options.normalization().toUpperCase(Locale.ROOT)),
        options.strict(),
        modalities);
  }

  private static DataSet data(TrainOptions all) throws IOException {
    DataOptions options = all.data();
    if (options.folder() == null) {
      return Phantoms.make(
          new PhantomOptions(
              PHANTOMS.patients(), PHANTOMS.slices(), options.size(), PHANTOMS.seed()));
    }
    return DataFolder.read(
        Path.of(options.folder()), readOptions(options).by(all.run().readingThreads()));
  }

  private static Optional<Path> splitFile(TrainOptions options, Path out) throws IOException {
    Path earlier = splitOf(out);
    if (options.run().resume() && Files.exists(earlier)) {
      return Optional.of(earlier);
    }
    Optional<Path> named = options.split().file();
    if (named.isPresent() && !Files.exists(named.get())) {
      throw new IOException(
          "--split "
              + named.get()
              + ": there is no such file, and it is no shares like 80/20 either");
    }
    return named;
  }

  /** Where a run keeps its split. */
  static Path splitOf(Path out) {
    return out.resolve("split.json");
  }

  private static Split newSplit(TrainOptions options, DataSet data) {
    SplitOptions how = options.split();
    long seed = options.run().seed();
    return how.folds() > 0
        ? Splits.fold(data, how.folds(), how.fold(), seed)
        : Splits.byPatient(data, how.split(), seed);
  }

  /** The slices of a patient that went to different parts, as patients of their own. */
  private static DataSet pieces(TrainOptions options, DataSet data) {
    List<DataSet> parts = Splits.bySlice(data, options.split().split(), options.run().seed());
    List<Patient> pieces = new ArrayList<>();
    for (int i = 0; i < PARTS.size(); i++) {
      for (Patient patient : parts.get(i).patients()) {
        pieces.add(new Patient(patient.name() + PARTS.get(i), patient.slices()));
      }
    }
    return new DataSet(parts.get(0).description(), pieces, data.problems());
  }

  private static Split ofPieces(DataSet pieces) {
    List<List<String>> names =
        PARTS.stream()
            .map(
                part ->
                    pieces.patients().stream()
                        .map(Patient::name)
                        .filter(name -> name.endsWith(part))
                        .toList())
            .toList();
    return new Split(names.get(0), names.get(1), names.get(2));
  }
}
