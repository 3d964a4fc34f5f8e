package io.github.glia.unet.cli;

import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.data.Splits;
import io.github.glia.unet.evaluate.Evaluation;
import io.github.glia.unet.evaluate.LargestLesion;
import io.github.glia.unet.evaluate.Report;
import io.github.glia.unet.evaluate.Segmenter;
import io.github.glia.unet.predict.NetworkSegmenter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares a network's predictions with the truth. */
@Command(
    name = "evaluate",
    description = "Measures a model on slices with masks, and writes a report.",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  /** The parts of a split. */
  enum Part {
    TRAIN,
    VALIDATION,
    TEST
  }

  @Spec CommandSpec spec;

  @Mixin NetworkChoice network;

  @Option(names = "--data", paramLabel = "DIR", required = true, description = "The slices.")
  Path data;

  @Option(
      names = "--split",
      paramLabel = "FILE",
      description = "A split.json that train wrote; without it all patients are measured.")
  Path split;

  @Option(
      names = "--part",
      defaultValue = "VALIDATION",
      description =
          "Of the split: ${COMPLETION-CANDIDATES}. Figures of TRAIN flatter the model."
              + " Default: ${DEFAULT-VALUE}.")
  Part part;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      defaultValue = "report.html",
      description = "Where the report is written. Default: ${DEFAULT-VALUE}.")
  Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures of the report.")
  Path json;

  @Option(
      names = "--largest",
      description = "Keep the largest connected piece of tumour of a volume, and drop the others.")
  boolean largest;

  @Option(names = "--strict", description = "Stop at the first file that is not right.")
  boolean strict;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    WrittenLast.requirePossible("--report", report);
    WrittenLast.requirePossible("--json", json);
    try (NetworkSegmenter segmenter = network.load()) {
      ReadOptions how = network.readOptions(segmenter.info(), strict);
      List<String> names = chosen();
      DataSet read = split == null ? DataFolder.read(data, how) : DataFolder.read(data, how, names);
      read.problems().forEach(problem -> out.println("left out: " + problem));
      out.println(read.description());
      List<Patient> patients = read.patients();
      Set<String> missing = new TreeSet<>(names);
      patients.forEach(patient -> missing.remove(patient.name()));
      if (!missing.isEmpty()) {
        out.println("of the split, but not in " + data + ": " + String.join(", ", missing));
      }
      double threshold = network.threshold(segmenter.info());
      Segmenter judged = largest ? new LargestLesion(segmenter, threshold) : segmenter;
      Evaluation evaluation =
          Evaluation.of(patients, judged, threshold).withSkipped(read.problems());
      Map<String, String> setup = new LinkedHashMap<>();
      setup.put(Report.SPLIT, whose());
      if (split == null) {
        out.println(
            "note: patients that the model was trained on flatter it; --split leaves them out");
      } else if (part == Part.TRAIN) {
        out.println(
            "note: the model learned from these patients, which flatters it; --part test or"
                + " validation leaves them out");
      }
      setup.put("data", read.description());
      setup.put("model", network.modelName());
      if (largest) {
        setup.put("largest", "of each volume only the largest connected piece of tumour is kept");
      }
      out.println(Figures.of(evaluation, patients.size()));
      out.flush();
      Figures.write(json, evaluation.toJson());
      Report.write(report, evaluation, patients, null, setup);
      out.println("report: " + report);
      out.flush();
    }
    return 0;
  }

  /** Whose figures they are, and whether these flatter the model. */
  private String whose() {
    if (split == null) {
      return "all patients of the folder; patients that the model was trained on flatter it.";
    }
    return String.format(
        Locale.ROOT,
        "the %s patients of %s.%s",
        part.name().toLowerCase(Locale.ROOT),
        split,
        part == Part.TRAIN ? " The model learned from them, which flatters it." : "");
  }

  /** The patients that the split says; without one nobody says. */
  private List<String> chosen() throws IOException {
    if (split == null) {
      return List.of();
    }
    Split parts = Splits.read(split);
    List<String> names =
        switch (part) {
          case TRAIN -> parts.train();
          case VALIDATION -> parts.validation();
          case TEST -> parts.test();
        };
    if (names.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), split + " has no patients in --part " + part);
    }
    return names;
  }
}
