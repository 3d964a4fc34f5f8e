package io.github.glia.unet.cli;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.unet.predict.NetworkSegmenter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The flags that say which network predicts, where and how. */
final class NetworkChoice {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "The model that train wrote: OUT/model.safetensors.")
  Path model;

  @Option(
      names = "--device",
      defaultValue = "auto",
      description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}.")
  String device;

  @Option(
      names = "--precision",
      defaultValue = "f32",
      description = "f32, bf16 or f16. Default: ${DEFAULT-VALUE}.")
  String precision;

  @Option(
      names = "--batch-size",
      defaultValue = "4",
      description = "Slices at once. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  @Option(
      names = "--tta",
      description = "Average over the slice and its three mirror images: slower, a little better.")
  boolean flips;

  @Option(
      names = "--threshold",
      defaultValue = "0.5",
      description = "Tumour is where the probability is above this. Default: ${DEFAULT-VALUE}.")
  double threshold;

  NetworkSegmenter load() throws IOException {
    if (!(threshold > 0 && threshold < 1)) {
      throw new TypeConversionException(
          "--threshold is " + threshold + "; it must be between 0 and 1");
    }
    if (!Files.isRegularFile(model)) {
      throw new IOException(model + ": there is no such model");
    }
    return NetworkSegmenter.load(
        model, Device.named(device), new NetworkSegmenter.Options(type(), batchSize, flips));
  }

  private DType type() {
    return switch (precision.toLowerCase(Locale.ROOT)) {
      case "f32" -> DType.F32;
      case "bf16" -> DType.BF16;
      case "f16" -> DType.F16;
      default ->
          throw new TypeConversionException(
              "--precision is \"" + precision + "\"; there are f32, bf16 and f16");
    };
  }
}
