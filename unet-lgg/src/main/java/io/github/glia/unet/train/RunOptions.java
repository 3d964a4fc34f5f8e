package io.github.glia.unet.train;

import java.util.Map;

/**
 * Where and how the training runs.
 *
 * @param out the folder that the model is written to
 * @param device {@code auto}, {@code cpu}, {@code cuda:0}, …
 * @param threads that read files and prepare batches; 0 chooses by the device
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
  private static final int FEWEST_THREADS = 2;

  /** Each may hold a batch; so many feed any GPU. */
  private static final int MOST_THREADS = 16;

  static final RunOptions DEFAULTS =
      new RunOptions(null, "auto", Precision.AUTO, 1, false, 0, 300, false);

  public RunOptions {
    Require.that(device != null, "--device must be auto, cpu or cuda:N");
    Require.atLeast("threads", threads, 0);
    Require.atLeast("checkpoint-seconds", checkpointSeconds, 0);
  }

  /**
   * How many threads prepare batches. Computing on the CPU needs its cores itself; a GPU computes a
   * batch sooner than a few cores augment one, and two are left to who asks for its work.
   */
  int threads(boolean computesOnCpu, int processors) {
    if (threads > 0) {
      return threads;
    }
    return computesOnCpu
        ? FEWEST_THREADS
        : Math.max(FEWEST_THREADS, Math.min(MOST_THREADS, processors - 2));
  }

  /** How many threads read files, before anything is computed. */
  public int readingThreads() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
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
