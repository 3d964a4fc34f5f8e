package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Device;
import io.github.glia.unet.json.Json;
import io.github.glia.unet.speed.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How much of a step a GPU has nothing to do, since Java or the driver has not asked yet, or waits
 * for the GPU itself: plainly and as a CUDA graph.
 *
 * <pre>
 *   LaunchGaps DEVICE NETWORK train|infer BATCH SIZE PRECISION SECONDS FILL JSON
 * </pre>
 *
 * FILL is the MiB that keep the GPU busy while a step is asked for. Of the time of a step, as a
 * program runs it, the gaps are what the same work does not need when all of it has been asked for
 * beforehand:
 *
 * <pre>  gaps = 1 − time of the queued work / time as run</pre>
 */
public final class LaunchGaps {
  private static final int ROUNDS = 5;
  private static final int QUEUED_IN_A_ROUND = 3;

  private LaunchGaps() {}

  /**
   * What was measured of a step.
   *
   * @param asRun milliseconds of a step in a row of them, waited for as programs do
   * @param unwaited the same of a row of steps of which none is waited for: what it is less than
   *     {@code asRun} is the price of waiting, and what it is more than {@code queued} that of
   *     asking too slowly
   * @param queued milliseconds that the GPU works on it
   * @param asking milliseconds that Java and the driver take to ask for it
   * @param wasFull whether all was asked for before the GPU began, as it has to be
   */
  record Gaps(
      String how, double asRun, double unwaited, double queued, double asking, boolean wasFull) {
    double percent() {
      return 100 * (1 - queued / asRun);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-8s %9.3f ms as run, %9.3f unwaited for, %9.3f of work: %5.1f %% gaps; asked for in %.3f ms%s",
          how,
          asRun,
          unwaited,
          queued,
          percent(),
          asking,
          wasFull ? "" : " (the queue was NOT kept full: the work may hold gaps itself)");
    }

    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("how", how);
      json.put("as_run_ms", asRun);
      json.put("unwaited_ms", unwaited);
      json.put("queued_ms", queued);
      json.put("gaps_percent", percent());
      json.put("asking_ms", asking);
      json.put("queue_was_full", wasFull);
      return json;
    }
  }

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args[0]);
    Gpu.of(device);
    double seconds = Double.parseDouble(args[6]);
    List<Gaps> measured = new ArrayList<>();
    for (boolean recorded : new boolean[] {false, true}) {
      StepWork.Options options =
          new StepWork.Options(
              device,
              Course.config(args[1]),
              Integer.parseInt(args[3]),
              Integer.parseInt(args[4]),
              Course.precision(args[5]).ready(device),
              isTraining(args[2]),
              recorded);
      Gaps gaps = measure(options, seconds / 2, Integer.parseInt(args[7]));
      System.out.println(gaps);
      measured.add(gaps);
      device.releaseCaches();
    }
    Map<String, Object> json = new LinkedHashMap<>(Environment.describe(device));
    json.put("network", args[1]);
    json.put("mode", args[2]);
    json.put("batch", Integer.parseInt(args[3]));
    json.put("size", Integer.parseInt(args[4]));
    json.put("precision", args[5]);
    json.put("steps", measured.stream().map(Gaps::toJson).toList());
    Files.writeString(Path.of(args[8]), Json.write(json));
  }

  private static boolean isTraining(String mode) {
    return switch (mode) {
      case "train" -> true;
      case "infer" -> false;
      default -> throw new IllegalArgumentException(mode + " is neither train nor infer");
    };
  }

  /** In turns, since a GPU's clock changes with its temperature. */
  private static Gaps measure(StepWork.Options options, double seconds, int fill) {
    Device device = options.device();
    List<Double> asRun = new ArrayList<>();
    List<Double> unwaited = new ArrayList<>();
    List<Double> queued = new ArrayList<>();
    List<Double> asking = new ArrayList<>();
    boolean wasFull = true;
    try (StepWork step = new StepWork(options);
        FullQueue queue = new FullQueue(device, fill)) {
      queue.time(step::enqueue);
      for (int round = 0; round < ROUNDS; round++) {
        asRun.add(millisecondsOf(step::run, device, seconds / ROUNDS / 2));
        unwaited.add(millisecondsOf(step::enqueue, device, seconds / ROUNDS / 2));
        for (int i = 0; i < QUEUED_IN_A_ROUND; i++) {
          FullQueue.Time time = queue.time(step::enqueue);
          queued.add(time.gpuMilliseconds());
          asking.add(time.askingMilliseconds());
          wasFull &= time.wasFull();
        }
      }
    }
    return new Gaps(
        options.recorded() ? "recorded" : "plain",
        median(asRun),
        median(unwaited),
        median(queued),
        median(asking),
        wasFull);
  }

  private static double millisecondsOf(Runnable step, Device device, double seconds) {
    device.synchronize();
    long began = System.nanoTime();
    long end = began + (long) (seconds * 1e9);
    int steps = 0;
    do {
      step.run();
      steps++;
    } while (System.nanoTime() < end);
    device.synchronize();
    return (System.nanoTime() - began) * 1e-6 / steps;
  }

  private static double median(List<Double> values) {
    Collections.sort(values);
    return values.get(values.size() / 2);
  }
}
