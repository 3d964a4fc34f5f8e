package io.github.glia.unet.cli;

import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.speed.Step;
import io.github.glia.unet.speed.StepSpeed;
import io.github.glia.unet.train.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how fast a network is here. */
@Command(
    name = "bench",
    description = "Measures how fast a network trains or predicts here, in a minute.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  /** What is measured. */
  enum Mode {
    TRAIN,
    INFER
  }

  @Spec CommandSpec spec;

  @Option(
      names = "--arch",
      defaultValue = "lgg",
      description = "lgg, classic or small. Default: ${DEFAULT-VALUE}.")
  String arch;

  @Option(
      names = "--features",
      paramLabel = "N",
      description = "Features of the first level, instead of --arch's.")
  Integer features;

  @Option(
      names = "--depth",
      paramLabel = "N",
      description = "How often the size is halved, instead of --arch's.")
  Integer depth;

  @Option(
      names = "--mode",
      defaultValue = "train",
      description = "train or infer. Default: ${DEFAULT-VALUE}.")
  Mode mode;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "4",
      description = "Slices at once. Default: ${DEFAULT-VALUE}.")
  int batch;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      defaultValue = "256",
      description = "Height and width of the slices. Default: ${DEFAULT-VALUE}.")
  int size;

  @Option(
      names = "--precision",
      defaultValue = "auto",
      description = "auto, f32, bf16 or f16. Default: ${DEFAULT-VALUE}.")
  Precision precision;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu or cuda:N. Default: ${DEFAULT-VALUE}.")
  String device;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "15",
      description = "How long steps are timed. Default: ${DEFAULT-VALUE}.")
  double seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there, too.")
  Path json;

  @Override
  public Integer call() throws IOException {
    requireAbove0("--batch", batch);
    requireAbove0("--size", size);
    requireAbove0("--seconds", seconds);
    Device where = Device.named(device);
    StepSpeed speed =
        StepSpeed.measure(
            new Step.Options(
                where, network(), batch, size, precision.on(where), mode == Mode.TRAIN),
            seconds);
    spec.commandLine().getOut().print(arch + ": " + speed);
    spec.commandLine().getOut().flush();
    if (json != null) {
      Map<String, Object> figures = speed.toJson();
      figures.put("arch", arch);
      Files.writeString(json, Json.write(figures));
    }
    return 0;
  }

  private UNet.Config network() {
    try {
      UNet.Config preset = UNet.Config.preset(arch);
      return new UNet.Config(
          preset.channels(),
          preset.classes(),
          features == null ? preset.features() : features,
          depth == null ? preset.depth() : depth,
          preset.norm(),
          preset.up());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--arch: " + e.getMessage(), e);
    }
  }

  private void requireAbove0(String flag, double value) {
    if (!(value > 0)) {
      throw new ParameterException(
          spec.commandLine(), flag + " is " + value + "; it must be above 0");
    }
  }
}
