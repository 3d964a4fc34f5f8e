package io.github.glia.unet.cli;

import io.github.glia.unet.data.DataFolder;
import io.github.glia.unet.data.Normalization;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Segmenter;
import io.github.glia.unet.predict.AtTrainedSize;
import io.github.glia.unet.predict.NetworkSegmenter;
import io.github.glia.unet.predict.PredictionFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Predicts masks. */
@Command(
    name = "predict",
    description = "Finds tumour in slices: writes masks and overlays.",
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Mixin NetworkChoice network;

  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description = "Slices, folders of slices, or NIfTI volumes.")
  List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "predictions",
      description = "Where results are written. Default: ${DEFAULT-VALUE}.")
  Path out;

  @Option(
      names = "--format",
      defaultValue = "PNG",
      description = "Of masks: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  PredictionFiles.Format format;

  @Option(
      names = "--largest",
      description = "Keep the largest piece of tumour of a slice, and drop the others.")
  boolean largest;

  @Option(names = "--probabilities", description = "Write probability maps too, 0 to 255.")
  boolean probabilities;

  @Option(
      names = "--no-overlays",
      description = "Do not write pictures of the slice with the prediction on it.")
  boolean noOverlays;

  @Option(
      names = "--windows",
      description = {
        "Cover slices with windows of the training size, instead of resizing them to it:",
        "for models that were trained with --patch."
      })
  boolean windows;

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    try (NetworkSegmenter segmenter = network.load()) {
      Segmenter how = windows ? segmenter : new AtTrainedSize(segmenter, segmenter.info().size());
      ReadOptions original =
          new ReadOptions(
              0,
              Normalization.valueOf(segmenter.info().normalization().toUpperCase(Locale.ROOT)),
              false,
              List.of());
      PredictionFiles files =
          new PredictionFiles(out, format, network.threshold, largest, probabilities, !noOverlays);
      for (Path input : inputs) {
        List<Slice> slices = DataFolder.readForPrediction(input, original);
        for (int from = 0; from < slices.size(); from += network.batchSize) {
          List<Slice> some =
              slices.subList(from, Math.min(slices.size(), from + network.batchSize));
          List<float[]> predicted = how.probabilities(some);
          for (int i = 0; i < some.size(); i++) {
            console.println(files.write(some.get(i), predicted.get(i)));
          }
          console.flush();
        }
      }
    }
    return 0;
  }
}
