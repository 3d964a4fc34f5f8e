package io.github.glia.unet.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/** The shape of the network: flags of {@code train}, each null where it is not given. */
final class TrainNetworkFlags {
  @Option(names = "--features", paramLabel = "N", description = "Features of the first level.")
  Integer features;

  @Option(names = "--depth", paramLabel = "N", description = "How often the size is halved.")
  Integer depth;

  @Option(names = "--norm", paramLabel = "NAME", description = "batch, instance, group or none.")
  String norm;

  @Option(names = "--up", paramLabel = "NAME", description = "transposed or bilinear.")
  String up;

  /** Adds all of them by their names. */
  void putInto(Map<String, Object> flags) {
    flags.put("features", features);
    flags.put("depth", depth);
    flags.put("norm", norm);
    flags.put("up", up);
  }
}
