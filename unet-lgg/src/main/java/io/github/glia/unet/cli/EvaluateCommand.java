package io.github.glia.unet.cli;

import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.data.Splits;
import io.github.glia.unet.evaluate.Evaluation;
import io.github.glia.unet.evaluate.Report;
import io.github.glia.unet.predict.NetworkSegmenter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
      description = "Of the split: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  Part part;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      defaultValue = "report.html",
      description = "Where the report is written. Default: ${DEFAULT-VALUE}.")
  Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures of the report.")
  Path json;

  @Option(names = "--strict", description = "Stop at the first file that is not right.")
  boolean strict;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (NetworkSegmenter segmenter = network.load()) {
      ReadOptions how =
          new ReadOptions(
              segmenter.info().size(),
              Normalization.valueOf(segmenter.info().normalization().toUpperCase(Locale.ROOT)),
              strict,
              List.of());
      DataSet read = DataFolder.read(data, how);
      read.problems().forEach(problem -> out.println("left out: " + problem));
      out.println(read.description());
      List<Patient> patients = chosen(read);
      Evaluation evaluation =
          Evaluation.of(patients, segmenter, network.threshold).withSkipped(read.problems());
      Map<String, String> setup = new LinkedHashMap<>();
      setup.put(
          Report.SPLIT,
          split == null
              ? "all patients of the folder; patients that the model was trained on flatter it"
              : "the " + part.name().toLowerCase(Locale.ROOT) + " patients of " + split);
      setup.put("data", read.description());
      setup.put("model", network.model.toString());
      Report.write(report, evaluation, patients, null, setup);
      out.println(Figures.of(evaluation, patients.size()));
      out.println("report: " + report);
      out.flush();
      Figures.write(json, evaluation);
    }
    return 0;
  }

  private List<Patient> chosen(DataSet read) throws IOException {
    if (split == null) {
      return read.patients();
    }
    Split parts = Splits.read(split);
    List<String> names =
        switch (part) {
          case TRAIN -> parts.train();
          case VALIDATION -> parts.validation();
          case TEST -> parts.test();
        };
    List<Patient> patients =
        read.patients().stream().filter(patient -> names.contains(patient.name())).toList();
    if (patients.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "none of the patients in " + data + " is in that part of " + split);
    }
    return patients;
  }
}
