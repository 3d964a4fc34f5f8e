package io.github.glia.unet.cli;

import io.github.glia.unet.data.Problem;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.data.ToPredict;
import io.github.glia.unet.predict.NetworkSegmenter;
import io.github.glia.unet.predict.PredictionFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Predicts masks. */
@Command(
    name = "predict",
    description = "Finds tumour in slices: writes masks and overlays.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A slice is normalised by the intensities of its whole volume, as in training. So a file"
          + " brings those of its neighbours that differ from it in the number of the name alone"
          + " (x_7.tif, x_8.tif), and gets the mask that it gets with its folder.",
      "Files of a folder that cannot be read are left out and named at the end, and the exit code"
          + " is 1. The folder of --out is not read.",
      "Not for clinical use."
    })
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

  @Option(names = "--strict", description = "Stop at the first file of a folder that is not right.")
  boolean strict;

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    requireOtherFolder();
    List<Problem> leftOut = new ArrayList<>();
    try (NetworkSegmenter segmenter = network.load()) {
      ReadOptions how = network.readOptions(segmenter.info(), strict);
      PredictionFiles files =
          new PredictionFiles(
              out,
              format,
              network.threshold(segmenter.info()),
              largest,
              probabilities,
              !noOverlays);
      for (List<Path> group : ToPredict.together(inputs)) {
        ToPredict found = ToPredict.read(group, how, out);
        found.notes().forEach(console::println);
        leftOut.addAll(found.problems());
        List<Slice> slices = found.slices();
        for (int from = 0; from < slices.size(); from += network.batchSize) {
          List<Slice> some =
              slices.subList(from, Math.min(slices.size(), from + network.batchSize));
          List<float[]> predicted = segmenter.probabilities(some);
          for (int i = 0; i < some.size(); i++) {
            console.println(files.write(some.get(i), predicted.get(i)));
          }
          console.flush();
        }
      }
    }
    leftOut.forEach(problem -> console.println("left out: " + problem));
    console.flush();
    if (!leftOut.isEmpty()) {
      throw new IOException(
          "files that were left out, and have no prediction: "
              + leftOut.size()
              + "; the lines above say why");
    }
    return 0;
  }

  /** What is written among slices would be read as slices the next time. */
  private void requireOtherFolder() throws IOException {
    for (Path input : inputs) {
      if (Files.isDirectory(input) && Files.isDirectory(out) && Files.isSameFile(input, out)) {
        throw new ParameterException(
            spec.commandLine(),
            "--out " + out + " is a folder that is read; predictions need one of their own");
      }
    }
  }
}
