package io.github.glia.unet.train;

import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a checkpoint says of its run, and whether a resume is of the same. */
final class SameRun {
  private static final String OPTIONS = "options";
  private static final String TRAIN = "training patients";
  private static final String VALIDATION = "validation patients";
  private static final String SLICES = "training slices";
  private static final String STATE = "state";

  /** What may be another after a resume: it does not change what is computed. */
  private static final Set<String> FREE =
      Set.of("data", "out", "device", "threads", "checkpoint-seconds", "early-stopping", "resume");

  private SameRun() {}

  static Map<String, Object> describe(TrainOptions options, TrainingData data) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(OPTIONS, options.toJson());
    json.put(TRAIN, data.split().train());
    json.put(VALIDATION, data.split().validation());
    json.put(SLICES, data.train().size());
    return json;
  }

  /**
   * Refuses to go on with other options or data.
   *
   * @throws IllegalArgumentException if they differ; the message says in what
   */
  static void check(
      Map<String, Object> saved, TrainOptions options, TrainingData data, Path checkpoint)
      throws IOException {
    if (!(saved.get(OPTIONS) instanceof Map<?, ?> before)) {
      throw new IOException(checkpoint + " is no checkpoint: it holds no options");
    }
    List<String> differences = new ArrayList<>();
    options
        .toJson()
        .forEach(
            (name, now) -> {
              boolean free = name.equals("epochs") ? mayGoOnLonger(options) : FREE.contains(name);
              if (!free && !same(before.get(name), now)) {
                differences.add(
                    "--" + name + " was " + text(before.get(name)) + " and is " + text(now));
              }
            });
    Map<String, Object> now = describe(options, data);
    for (String part : List.of(TRAIN, VALIDATION, SLICES)) {
      if (!same(saved.get(part), now.get(part))) {
        differences.add("the " + part + " are others");
      }
    }
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "--resume: the run in "
              + checkpoint
              + " was another one ("
              + String.join("; ", differences)
              + "): give it what it had, or choose another --out");
    }
  }

  static void put(Map<String, Object> json, RunState state) {
    json.put(STATE, state.toJson());
  }

  static RunState state(Map<String, Object> json, Path checkpoint) throws IOException {
    if (!(json.get(STATE) instanceof Map<?, ?> state)) {
      throw new IOException(checkpoint + " is no checkpoint: it does not say where the run was");
    }
    try {
      return RunState.fromJson(state);
    } catch (IllegalArgumentException e) {
      throw new IOException(checkpoint + " is no checkpoint: " + e.getMessage(), e);
    }
  }

  private static boolean mayGoOnLonger(TrainOptions options) {
    return !options.optimizer().scheduling().kind().endsWithTheRun();
  }

  private static String text(Object value) {
    return Json.write(value).strip();
  }

  private static boolean same(Object before, Object now) {
    if (before instanceof Number a && now instanceof Number b) {
      return a.doubleValue() == b.doubleValue();
    }
    return Objects.equals(before, now);
  }
}
