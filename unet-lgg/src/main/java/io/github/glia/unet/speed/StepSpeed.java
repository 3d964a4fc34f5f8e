package io.github.glia.unet.speed;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast a {@link Step} is, of how much the device could do.
 *
 * @param limits measured before and after the step
 * @param milliseconds of each step, in ascending order
 * @param flops of a step
 * @param peakBytes the most memory of the device in use at once
 * @param heapBytes allocated on the Java heap in a step
 */
public record StepSpeed(
    Step.Options options,
    Limits limits,
    List<Double> milliseconds,
    long flops,
    long peakBytes,
    long heapBytes,
    Profile profile) {
  private static final int WARM_UP = 2;
  private static final int FEWEST = 5;

  /** For how long steps are watched, at least {@link #FEWEST_PROFILED}. */
  private static final double PROFILED_MILLISECONDS = 1_000;

  private static final int FEWEST_PROFILED = 2;

  /** Runs steps for as long, and a few more to see what they are made of. */
  public static StepSpeed measure(Step.Options options, double seconds) {
    Device device = options.device();
    DType type = options.ready();
    Limits before = Limits.measure(device, type);
    device.releaseCaches();
    List<Double> times = new ArrayList<>();
    try (Step step = new Step(options)) {
      for (int i = 0; i < WARM_UP; i++) {
        step.run();
      }
      device.memory().resetPeak();
      long end = System.nanoTime() + (long) (seconds * 1e9);
      while (times.size() < FEWEST || System.nanoTime() < end) {
        long start = System.nanoTime();
        step.run();
        times.add((System.nanoTime() - start) * 1e-6);
      }
      long peak = device.memory().peakBytes();
      long heap = HeapBytes.ofCall(step::run);
      Collections.sort(times);
      int profiled = (int) (PROFILED_MILLISECONDS / times.get(times.size() / 2));
      Profile profile = Profile.of(step, Math.max(FEWEST_PROFILED, profiled));
      Limits limits = before.better(Limits.measure(device, type));
      return new StepSpeed(options, limits, List.copyOf(times), step.flops(), peak, heap, profile);
    }
  }

  public double median() {
    int n = milliseconds.size();
    return (milliseconds.get((n - 1) / 2) + milliseconds.get(n / 2)) / 2;
  }

  public double fastest() {
    return milliseconds.get(0);
  }

  public double imagesPerSecond() {
    return options.batch() / median() * 1e3;
  }

  /** The arithmetic of the median step, of what the device can do. */
  public double percentOfLimit() {
    return limits.percent((double) flops, 0, median());
  }

  /** For a file. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>(Environment.describe(options.device()));
    json.put("mode", options.training() ? "train" : "infer");
    json.put("batch", options.batch());
    json.put("size", options.size());
    json.put("precision", options.precision().name().toLowerCase(Locale.ROOT));
    json.put("network", options.network().toString());
    json.put("median_ms", median());
    json.put("min_ms", fastest());
    json.put("images_per_second", imagesPerSecond());
    json.put("percent_of_limit", percentOfLimit());
    json.put("gigaflops", flops / median() * 1e-6);
    json.put("limit_gigaflops", limits.gigaflops());
    json.put("limit_gigabytes_per_second", limits.gigabytes());
    json.put("peak_bytes", peakBytes);
    json.put("heap_bytes", heapBytes);
    json.put("percent_in_java", profile.percentInJava());
    json.put("milliseconds", milliseconds);
    List<Object> operations = new ArrayList<>();
    for (Profile.Row row : profile.rows()) {
      Map<String, Object> operation = new LinkedHashMap<>();
      operation.put("operation", row.operation());
      operation.put("calls", row.calls());
      operation.put("ms", row.milliseconds());
      operation.put("percent", 100 * row.milliseconds() / profile.milliseconds());
      operations.add(operation);
    }
    json.put("operations", operations);
    return json;
  }

  /** A table. */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    add(
        table,
        "%s of a batch of %d, %d×%d, %s, on %s: %s",
        options.training() ? "training" : "inference",
        options.batch(),
        options.size(),
        options.size(),
        options.precision(),
        options.device(),
        options.device().description());
    add(table, "");
    add(
        table,
        "%-26s%8.1f ms, at best %.1f, of %d steps",
        "median of a step",
        median(),
        fastest(),
        milliseconds.size());
    add(table, "%-26s%8.2f", "images per second", imagesPerSecond());
    add(
        table,
        "%-26s%8.1f %%: %.0f of %.0f GFLOP/s, the best that was measured here",
        "of the limit",
        percentOfLimit(),
        flops / median() * 1e-6,
        limits.gigaflops());
    add(table, "%-26s%8.1f MiB", "peak memory of tensors", peakBytes / 0x1p20);
    add(table, "%-26s%8.1f KiB a step", "garbage on the Java heap", heapBytes / 0x1p10);
    add(table, "%-26s%8.1f %% of the time", "outside native kernels", profile.percentInJava());
    add(table, "");
    add(table, "%-38s %8s %10s %8s", "operation", "calls", "ms", "share");
    for (Profile.Row row : profile.rows()) {
      add(
          table,
          "%-38s %8s %10.2f %6.1f %%",
          row.operation(),
          row.calls() == 0 ? "" : String.format(Locale.ROOT, "%.0f", row.calls()),
          row.milliseconds(),
          100 * row.milliseconds() / profile.milliseconds());
    }
    return table.toString();
  }

  private static void add(StringBuilder table, String format, Object... values) {
    table.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
