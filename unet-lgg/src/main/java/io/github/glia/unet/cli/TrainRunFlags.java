package io.github.glia.unet.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/** Where and how training runs: flags of {@code train}, each null where it is not given. */
final class TrainRunFlags {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where the model, its curves and the report are written. Default: runs/DATE-TIME.")
  String out;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "cpu, cuda:N, or auto: a GPU where there is one, else the CPU.")
  String device;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "f32, tf32 (GPUs), bf16, f16, or auto: bf16 on a GPU, f32 on the CPU.")
  String precision;

  @Option(names = "--seed", paramLabel = "N", description = "Of everything random.")
  Long seed;

  @Option(names = "--deterministic", description = "Two runs give the same bits.")
  Boolean deterministic;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "That read files and prepare batches. 0: batches by 2 on the CPU, for a GPU by all"
              + " processors but 2, at most 16; files by all processors.")
  Integer threads;

  @Option(
      names = "--checkpoint-seconds",
      paramLabel = "N",
      description = "How long a run goes at most without saving.")
  Integer checkpointSeconds;

  @Option(names = "--resume", description = "Go on from the last checkpoint in --out.")
  Boolean resume;

  /** Adds all of them by their names. */
  void putInto(Map<String, Object> flags) {
    flags.put("out", out);
    flags.put("device", device);
    flags.put("precision", precision);
    flags.put("seed", seed);
    flags.put("deterministic", deterministic);
    flags.put("threads", threads);
    flags.put("checkpoint-seconds", checkpointSeconds);
    flags.put("resume", resume);
  }
}
