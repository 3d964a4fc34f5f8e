package io.github.glia.unet.cli;

import io.github.glia.nn.Norm;
import io.github.glia.nn.Summary;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.unet.UNet;
import io.github.glia.unet.train.ModelInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the layers of a network. */
@Command(
    name = "summary",
    description = "Shows the layers of a network: outputs, parameters, arithmetic.",
    mixinStandardHelpOptions = true)
final class SummaryCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--model", paramLabel = "FILE", description = "A trained model.")
  Path model;

  @Option(
      names = "--arch",
      defaultValue = "lgg",
      description = "Without a model: lgg, classic or small. Default: ${DEFAULT-VALUE}.")
  String arch;

  @Option(names = "--features", description = "Features of the first level, instead of --arch's.")
  Integer features;

  @Option(names = "--depth", description = "How often the size is halved, instead of --arch's.")
  Integer depth;

  @Option(names = "--norm", description = "${COMPLETION-CANDIDATES}, instead of --arch's.")
  Norm norm;

  @Option(
      names = "--size",
      defaultValue = "256",
      description = "Height and width of the image. Default: ${DEFAULT-VALUE}.")
  int size;

  @Override
  public Integer call() throws IOException {
    UNet.Config config = model == null ? chosen() : ModelInfo.read(model).network();
    try (UNet network = new UNet(config)) {
      network.initialize(Device.cpu(), 0);
      spec.commandLine()
          .getOut()
          .print(Summary.of(network, Device.cpu(), Shape.of(1, size, size, config.channels())));
      spec.commandLine().getOut().flush();
    }
    return 0;
  }

  private UNet.Config chosen() {
    UNet.Config preset =
        switch (arch) {
          case "lgg" -> UNet.Config.lgg();
          case "classic" -> UNet.Config.classic();
          case "small" -> UNet.Config.small();
          default ->
              throw new ParameterException(
                  spec.commandLine(),
                  "--arch is \"" + arch + "\"; there are lgg, classic and small");
        };
    return new UNet.Config(
        preset.channels(),
        preset.classes(),
        features == null ? preset.features() : features,
        depth == null ? preset.depth() : depth,
        norm == null ? preset.norm() : norm,
        preset.up());
  }
}
