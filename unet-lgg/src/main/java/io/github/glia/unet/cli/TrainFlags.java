package io.github.glia.unet.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The flags of {@code train}, in the groups that its help shows. */
final class TrainFlags {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Choices from the config.json of an earlier run; other flags go before them.")
  Path config;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "lgg, classic or small: presets of --features, --depth, --norm, --up."
              + " Default: the shape of the model that comes with glia.")
  String arch;

  @Option(names = "--gpu", description = "The same as --device cuda:0.")
  boolean gpu;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures of the report.")
  Path json;

  @ArgGroup(validate = false, heading = "%nData:%n")
  TrainDataFlags data = new TrainDataFlags();

  @ArgGroup(validate = false, heading = "%nNetwork:%n")
  TrainNetworkFlags network = new TrainNetworkFlags();

  @ArgGroup(validate = false, heading = "%nTraining:%n")
  TrainLearningFlags learning = new TrainLearningFlags();

  @ArgGroup(validate = false, heading = "%nRun:%n")
  TrainRunFlags run = new TrainRunFlags();

  /** The choices that are given, by their names. */
  Map<String, Object> given() {
    Map<String, Object> given = new LinkedHashMap<>();
    data.putInto(given);
    network.putInto(given);
    learning.putInto(given);
    run.putInto(given);
    given.values().removeIf(value -> value == null);
    return given;
  }
}
