package io.github.glia.unet.train;

import java.util.Map;

/**
 * Where and how the training runs.
 *
 * @param out the folder that the model is written to
 * @param device {@code auto}, {@code cpu}, {@code cuda:0}, …
 * @param threads that prepare batches
 * @param checkpointSeconds how long a run goes at most without saving; 0 saves after each step
 * @param resume whether to go on from the last checkpoint in {@code out}
 */
public record RunOptions(
    String out,
    String device,
    Precision precision,
    long seed,
    boolean deterministic,
    int threads,
    int checkpointSeconds,
    boolean resume) {
  static final RunOptions DEFAULTS =
      new RunOptions(null, "auto", Precision.AUTO, 1, false, 2, 300, false);

  public RunOptions {
    Require.that(device != null, "--device must be auto, cpu or cuda:N");
    Require.atLeast("threads", threads, 1);
    Require.atLeast("checkpoint-seconds", checkpointSeconds, 0);
  }

  static RunOptions of(Flags flags) {
    return new RunOptions(
        flags.text("out"),
        flags.text("device"),
        flags.choice("precision", Precision.values()),
        flags.large("seed"),
        flags.yes("deterministic"),
        flags.whole("threads"),
        flags.whole("checkpoint-seconds"),
        flags.yes("resume"));
  }

  void putInto(Map<String, Object> json) {
    json.put("out", out);
    json.put("device", device);
    json.put("precision", Flags.text(precision));
    json.put("seed", seed);
    json.put("deterministic", deterministic);
    json.put("threads", threads);
    json.put("checkpoint-seconds", checkpointSeconds);
    json.put("resume", resume);
  }
}
