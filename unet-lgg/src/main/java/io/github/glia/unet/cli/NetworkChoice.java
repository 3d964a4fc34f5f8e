package io.github.glia.unet.cli;

import io.github.glia.tensor.DType;
import io.github.glia.unet.data.ReadOptions;
import io.github.glia.unet.predict.NetworkSegmenter;
import io.github.glia.unet.train.DeviceFlag;
import io.github.glia.unet.train.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The flags that say which network predicts, where and how. */
final class NetworkChoice {
  /** Of the command that has these flags. */
  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "The model that train wrote: OUT/model.safetensors. Default: the one that comes with"
              + " glia, for gliomas in slices of three sequences: pre-contrast, FLAIR,"
              + " post-contrast.")
  Path model;

  @Option(
      names = "--device",
      defaultValue = "auto",
      description =
          "cpu, cuda:N, or auto: a GPU where there is one, else the CPU."
              + " Default: ${DEFAULT-VALUE}.")
  String device;

  @Option(
      names = "--precision",
      defaultValue = "f32",
      description =
          "f32, bf16, f16, or int8: bytes, on CPUs that multiply them (VNNI), with steps measured on"
              + " the first slices. Default: ${DEFAULT-VALUE}.")
  String precision;

  @Option(
      names = "--batch-size",
      defaultValue = "4",
      description = "Slices at once. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  @Option(
      names = "--tta",
      description =
          "Average over the slice and its mirror image, left and right exchanged: takes twice as long.")
  boolean mirror;

  @Option(
      names = "--threshold",
      description =
          "Tumour is where the probability is at least this. Default: what the model says,"
              + " usually 0.5.")
  Double threshold;

  @Option(
      names = "--windows",
      negatable = true,
      description =
          "--windows covers slices as they are with windows of the size that the network saw;"
              + " --no-windows resizes them to the size of training, and shows them whole."
              + " Default: as in training: resized, and in windows after --patch.")
  Boolean windows;

  @Option(
      names = "--modalities",
      paramLabel = "NAMES",
      split = ",",
      description =
          "Of NIfTI cases: the sequences that the model's channels are (t1, t1ce, t2, flair),"
              + " separated by commas. Default: those that it was trained on; t1,flair,t1ce if"
              + " it was trained on images of three channels.")
  List<String> modalities = List.of();

  NetworkSegmenter load() throws IOException {
    if (threshold != null && !(threshold > 0 && threshold < 1)) {
      throw usage("--threshold is " + threshold + "; it must be between 0 and 1");
    }
    NetworkSegmenter.Options options =
        new NetworkSegmenter.Options(type(), batchSize, mirror, coverage());
    if (model == null) {
      return NetworkSegmenter.loadShipped(DeviceFlag.of(device), options);
    }
    if (!Files.isRegularFile(model)) {
      throw new IOException(model + ": there is no such model");
    }
    return NetworkSegmenter.load(model, DeviceFlag.of(device), options);
  }

  /** The model's name for people. */
  String modelName() {
    return model == null ? "the one that comes with glia" : model.toString();
  }

  double threshold(ModelInfo info) {
    return threshold == null ? info.threshold() : threshold;
  }

  /** How images are read for the model. */
  ReadOptions readOptions(ModelInfo info, boolean strict) {
    ReadOptions asTrained = info.readOptions(strict);
    if (modalities.isEmpty()) {
      return asTrained;
    }
    if (modalities.size() != info.network().channels()) {
      throw usage(
          String.format(
              "--modalities names %d (%s), but the model has %d channels",
              modalities.size(), String.join(",", modalities), info.network().channels()));
    }
    return new ReadOptions(
        asTrained.size(), asTrained.normalization(), strict, modalities, asTrained.measured());
  }

  private NetworkSegmenter.Coverage coverage() {
    if (windows == null) {
      return NetworkSegmenter.Coverage.AS_TRAINED;
    }
    return windows ? NetworkSegmenter.Coverage.WINDOWS : NetworkSegmenter.Coverage.WHOLE;
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private DType type() {
    return switch (precision.toLowerCase(Locale.ROOT)) {
      case "f32" -> DType.F32;
      case "bf16" -> DType.BF16;
      case "f16" -> DType.F16;
      case "int8" -> DType.I8;
      default ->
          throw usage("--precision is \"" + precision + "\"; there are f32, bf16, f16 and int8");
    };
  }
}
