package io.github.glia.unet.cli;

import io.github.glia.tensor.Device;
import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.data.Splits;
import io.github.glia.unet.evaluate.Evaluation;
import io.github.glia.unet.evaluate.Report;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.phantom.PhantomOptions;
import io.github.glia.unet.phantom.Phantoms;
import io.github.glia.unet.predict.NetworkSegmenter;
import io.github.glia.unet.train.Interruption;
import io.github.glia.unet.train.Outcome;
import io.github.glia.unet.train.Precision;
import io.github.glia.unet.train.TrainOptions;
import io.github.glia.unet.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network, evaluates it on patients it has not seen, and reports. */
@Command(
    name = "train",
    description = "Trains a U-Net on a folder of slices, or on made-up brains.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Without --data, a small network learns made-up brains in minutes.",
      "The resolved choices are written to OUT/config.json, which --config takes."
    })
final class TrainCommand implements Callable<Integer> {
  /** What trains on two cores in a few minutes, where nothing else is asked for. */
  private static final Map<String, Object> PHANTOM_CHOICES =
      Map.of(
          "normalization",
          "plain",
          "epochs",
          24,
          "batch-size",
          8,
          "features",
          8,
          "depth",
          3,
          "size",
          128,
          "learning-rate",
          3e-3,
          "sample",
          "balanced",
          "split",
          "70/15/15");

  /** What marks the pieces of a patient that went to training, validation and test. */
  private static final List<String> PARTS = List.of(" (training)", " (validation)", " (test)");

  private static final PhantomOptions PHANTOMS = new PhantomOptions(40, 20, 128, 1);

  @Spec CommandSpec spec;

  @Option(names = "--config", paramLabel = "FILE", description = "Choices from a config.json.")
  Path config;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description = "lgg, classic or small: presets of --features, --depth, --norm, --up.")
  String arch;

  @Option(names = "--gpu", description = "The same as --device cuda:0.")
  boolean gpu;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures of the report.")
  Path json;

  @ArgGroup(exclusive = false)
  TrainFlags flags = new TrainFlags();

  @Override
  public Integer call() throws IOException {
    TrainOptions options = options();
    Path out = Path.of(options.out());
    DataSet data = data(options);
    data.problems().forEach(problem -> say("left out: %s", problem));
    say("%s", data.description());
    if (options.splitBy() == TrainOptions.SplitBy.SLICE) {
      say("warning: --split-by slice leaks: slices of one brain are in training and validation");
      data = pieces(options, data);
    }
    Split split = split(options, data, out);
    say(
        "%d patients train, %d validate, %d test",
        split.train().size(), split.validation().size(), split.test().size());
    Outcome outcome;
    Progress progress = new Progress(spec.commandLine().getOut());
    Trainer trainer = new Trainer(options, data, split, out, progress);
    try (Interruption interruption = new Interruption(trainer)) {
      outcome = trainer.run();
      progress.end();
      say("%s", outcome.message());
      if (outcome.end() == Outcome.End.INTERRUPTED) {
        return Main.FAILURE;
      }
    }
    report(options, data, split, outcome, out);
    return 0;
  }

  /** The help ends with the defaults, which only the options themselves know. */
  static String[] withDefaults(String... footer) {
    String defaults =
        TrainOptions.defaults().toJson().entrySet().stream()
            .filter(entry -> entry.getValue() != null)
            .map(entry -> entry.getKey() + " " + number(entry.getValue()))
            .collect(Collectors.joining(", "));
    List<String> lines = new ArrayList<>(List.of(footer));
    lines.add("");
    lines.add("Defaults with --data: " + defaults + ".");
    return lines.toArray(String[]::new);
  }

  private static String number(Object value) {
    return value.toString().replaceFirst("\\.0$", "");
  }

  private TrainOptions options() throws IOException {
    Map<String, Object> chosen = new LinkedHashMap<>();
    if (config != null) {
      chosen.putAll(Json.parseObject(Files.readString(config)));
    }
    Map<String, Object> given = flags.given();
    if (gpu) {
      if (given.containsKey("device")) {
        throw new ParameterException(
            spec.commandLine(), "--gpu and --device contradict each other");
      }
      given.put("device", "cuda:0");
    }
    try {
      TrainOptions options = TrainOptions.fromJson(chosen);
      if (arch != null) {
        options = options.withPreset(arch);
      }
      if (config == null && !given.containsKey("data")) {
        Map<String, Object> small = new LinkedHashMap<>(PHANTOM_CHOICES);
        if (arch != null) {
          small.keySet().removeAll(List.of("features", "depth"));
        }
        options = options.with(small);
      }
      options = options.with(given);
      if (options.out() == null) {
        String now =
            LocalDateTime.now(ZoneId.systemDefault())
                .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        options = options.with("out", "runs/" + now);
      }
      return options;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static DataSet data(TrainOptions options) throws IOException {
    if (options.data() == null) {
      return Phantoms.make(
          new PhantomOptions(
              PHANTOMS.patients(), PHANTOMS.slices(), options.size(), PHANTOMS.seed()));
    }
    return DataFolder.read(Path.of(options.data()), readOptions(options));
  }

  private static ReadOptions readOptions(TrainOptions options) {
    List<String> modalities =
        options.modalities().equals("all") ? List.of() : List.of(options.modalities().split(","));
    return new ReadOptions(
        options.size(),
        Normalization.valueOf(options.normalization().toUpperCase(Locale.ROOT)),
        options.strict(),
        modalities);
  }

  /** The slices of a patient that went to different parts, as patients of their own. */
  private static DataSet pieces(TrainOptions options, DataSet data) {
    List<DataSet> parts = Splits.bySlice(data, options.split(), options.seed());
    List<Patient> pieces = new ArrayList<>();
    for (int i = 0; i < PARTS.size(); i++) {
      for (Patient patient : parts.get(i).patients()) {
        pieces.add(new Patient(patient.name() + PARTS.get(i), patient.slices()));
      }
    }
    return new DataSet(parts.get(0).description(), pieces, data.problems());
  }

  /** A run that goes on keeps the split that it began with. */
  private static Split split(TrainOptions options, DataSet data, Path out) throws IOException {
    Path file = out.resolve("split.json");
    if (options.resume() && Files.exists(file)) {
      Split split = Splits.read(file);
      Splits.check(split, data);
      return split;
    }
    Split split;
    if (options.splitBy() == TrainOptions.SplitBy.SLICE) {
      List<List<String>> names =
          PARTS.stream()
              .map(
                  part ->
                      data.patients().stream()
                          .map(Patient::name)
                          .filter(name -> name.endsWith(part))
                          .toList())
              .toList();
      split = new Split(names.get(0), names.get(1), names.get(2));
    } else if (options.folds() > 0) {
      split = Splits.fold(data, options.folds(), options.fold(), options.seed());
    } else {
      split = Splits.byPatient(data, options.split(), options.seed());
    }
    Files.createDirectories(out);
    Splits.write(split, file);
    return split;
  }

  /** Held-out patients: those that only test where there are some, else those that validate. */
  private void report(TrainOptions options, DataSet data, Split split, Outcome outcome, Path out)
      throws IOException {
    boolean tested = !split.test().isEmpty();
    List<String> names = tested ? split.test() : split.validation();
    List<Patient> patients =
        data.patients().stream().filter(patient -> names.contains(patient.name())).toList();
    if (patients.isEmpty() || outcome.model() == null) {
      return;
    }
    if (options.data() != null) {
      patients = OwnSize.of(patients, Path.of(options.data()), readOptions(options));
    }
    Device device = Device.named(options.device());
    NetworkSegmenter.Options how =
        new NetworkSegmenter.Options(
            options.precision() == Precision.AUTO
                ? io.github.glia.tensor.DType.F32
                : io.github.glia.tensor.DType.valueOf(options.precision().name()),
            options.batchSize(),
            false,
            NetworkSegmenter.Coverage.AS_TRAINED);
    Evaluation evaluation;
    try (NetworkSegmenter segmenter = NetworkSegmenter.load(outcome.model(), device, how)) {
      evaluation =
          Evaluation.of(patients, segmenter, segmenter.info().threshold())
              .withSkipped(data.problems());
    }
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put(
        Report.SPLIT,
        String.format(
            "%s; %d patients trained, %d validated, %d tested; these figures are of the %s patients.",
            options.splitBy() == TrainOptions.SplitBy.SLICE
                ? "by slice, which leaks"
                : "by patient",
            split.train().size(),
            split.validation().size(),
            split.test().size(),
            tested ? "test" : "validation"));
    setup.put("data", data.description());
    options
        .toJson()
        .forEach((name, value) -> setup.putIfAbsent(name, value == null ? "" : value.toString()));
    Path page = out.resolve("report.html");
    Report.write(page, evaluation, patients, outcome.history(), setup);
    say("%s", Figures.of(evaluation, patients.size()));
    say("model: %s", outcome.model());
    say("report: %s", page);
    Figures.write(json, evaluation);
  }

  private void say(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
