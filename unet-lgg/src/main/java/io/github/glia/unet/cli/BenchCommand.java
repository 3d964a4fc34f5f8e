package io.github.glia.unet.cli;

import io.github.glia.tensor.Device;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Augmentation;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.speed.LoadSpeed;
import io.github.glia.unet.speed.Step;
import io.github.glia.unet.speed.StepSpeed;
import io.github.glia.unet.train.DeviceFlag;
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
    description =
        "Measures how fast a network trains or predicts here, in a minute, or how fast slices"
            + " are made ready for it.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  /** What is measured. */
  enum Mode {
    TRAIN,
    INFER,
    LOAD
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
      description =
          "train, infer, or load: batches of slices without a network. Default: ${DEFAULT-VALUE}.")
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
      description =
          "f32, tf32 (GPUs), bf16, f16, int8 (--mode infer, CPUs), or auto: bf16 on a GPU, f32 on the"
              + " CPU. Default: ${DEFAULT-VALUE}.")
  Precision precision;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "cpu, cuda:N, or auto: a GPU where there is one, else the CPU."
              + " Default: ${DEFAULT-VALUE}.")
  String device;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "15",
      description = "How long steps are timed. Default: ${DEFAULT-VALUE}.")
  double seconds;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Slices of --mode load. Default: made-up brains.")
  Path data;

  @Option(
      names = "--augment",
      paramLabel = "WHAT",
      defaultValue = "strong",
      description = "Of --mode load, as for train. Default: ${DEFAULT-VALUE}.")
  String augment;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there, too.")
  Path json;

  @Override
  public Integer call() throws IOException {
    requireAbove0("--batch", batch);
    requireAbove0("--size", size);
    requireAbove0("--seconds", seconds);
    return mode == Mode.LOAD ? load() : step();
  }

  private int load() throws IOException {
    LoadSpeed speed = LoadSpeed.measure(data, size, batch, augmentation(), seconds);
    show(speed.toString(), speed.toJson());
    return 0;
  }

  private int step() throws IOException {
    Device where = DeviceFlag.of(device);
    Step.Options options =
        new Step.Options(where, network(), batch, size, on(where), mode == Mode.TRAIN);
    StepSpeed speed = StepSpeed.measure(options, seconds);
    Map<String, Object> figures = speed.toJson();
    figures.put("arch", arch);
    show(arch + ": " + speed, figures);
    return 0;
  }

  private Precision on(Device where) {
    return mode == Mode.TRAIN ? precision.forTrainingOn(where) : precision.on(where);
  }

  private void show(String table, Map<String, Object> figures) throws IOException {
    spec.commandLine().getOut().print(table);
    spec.commandLine().getOut().flush();
    if (json != null) {
      Files.writeString(json, Json.write(figures));
    }
  }

  private Augmentation augmentation() {
    try {
      return Augmentation.parse(augment);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--augment: " + e.getMessage(), e);
    }
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
