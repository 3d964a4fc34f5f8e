package io.github.glia.unet.train;

import io.github.glia.nn.ReduceOnPlateau;
import io.github.glia.unet.evaluate.Epoch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a run is, besides its tensors: all that it needs to go on as if it had not stopped. */
final class RunState {
  /** When the run began first, in seconds since 1970. */
  double startedAt;

  /** Epochs that are complete. */
  int epoch;

  /** Batches of the epoch that were learned from. */
  int batch;

  /** Batches that were learned from since the beginning. */
  long batches;

  /** Steps of the optimizer, those that were left out in half precision counted as well. */
  long steps;

  /** Of the epoch: the loss of each slice, added up. */
  double lossSum;

  /** Of the epoch: how many slices were learned from. */
  long slices;

  /** Of the epoch, in all processes that worked on it. */
  double seconds;

  /** Of the epoch: what its steps took, without validation and saving. */
  double stepSeconds;

  /** Of the epoch: what its steps waited for data. */
  double secondsWaited;

  /** The mean of late losses, each step counting less; NaN before the first. */
  double recentLoss = Double.NaN;

  /** What the learning rate is multiplied by, since the run went back. */
  double rateFactor = 1;

  int timesGoneBack;

  /** Of the validation volumes; NaN before the first validation. */
  double bestDice = Double.NaN;

  /** Of the best Dice; 0 before the first validation. */
  int bestEpoch;

  /** Whose weights the model has; 0 before the first. */
  int modelEpoch;

  /** Null unless the schedule waits for a plateau. */
  ReduceOnPlateau.State plateau;

  LossScale.State lossScale = LossScale.START;
  final List<Epoch> history = new ArrayList<>();

  /** A run that begins now. */
  static RunState start() {
    RunState state = new RunState();
    state.startedAt = System.currentTimeMillis() * 1e-3;
    return state;
  }

  /** Adds an epoch to the history, and is at the beginning of the next. */
  void complete(Epoch ended, boolean best, boolean selected) {
    history.add(ended);
    epoch = ended.number();
    batch = 0;
    lossSum = 0;
    slices = 0;
    seconds = 0;
    stepSeconds = 0;
    secondsWaited = 0;
    if (best) {
      bestDice = ended.validationDice();
      bestEpoch = ended.number();
    }
    if (selected) {
      modelEpoch = ended.number();
    }
  }

  /** The share of the epoch's steps spent waiting for data; NaN before the first. */
  double shareWaited() {
    return secondsWaited / stepSeconds;
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("started at", startedAt);
    json.put("epoch", epoch);
    json.put("batch", batch);
    json.put("batches", batches);
    json.put("steps", steps);
    json.put("loss sum", lossSum);
    json.put("slices", slices);
    json.put("seconds", seconds);
    json.put("step seconds", stepSeconds);
    json.put("seconds waited", secondsWaited);
    json.put("recent loss", recentLoss);
    json.put("rate factor", rateFactor);
    json.put("times gone back", timesGoneBack);
    json.put("best dice", bestDice);
    json.put("best epoch", bestEpoch);
    json.put("model epoch", modelEpoch);
    if (plateau != null) {
      json.put("plateau rate", (double) plateau.rate());
      json.put("plateau best", plateau.best());
      json.put("plateau waited", plateau.waited());
    }
    json.put("loss scale", (double) lossScale.scale());
    json.put("loss scale held", lossScale.held());
    json.put("history", history.stream().map(RunState::toJson).toList());
    return json;
  }

  static RunState fromJson(Map<?, ?> json) {
    RunState state = new RunState();
    state.startedAt = number(json, "started at");
    state.epoch = (int) number(json, "epoch");
    state.batch = (int) number(json, "batch");
    state.batches = (long) number(json, "batches");
    state.steps = (long) number(json, "steps");
    state.lossSum = number(json, "loss sum");
    state.slices = (long) number(json, "slices");
    state.seconds = number(json, "seconds");
    state.stepSeconds = laterNumber(json, "step seconds", 0);
    state.secondsWaited = laterNumber(json, "seconds waited", 0);
    state.recentLoss = number(json, "recent loss");
    state.rateFactor = number(json, "rate factor");
    state.timesGoneBack = (int) number(json, "times gone back");
    state.bestDice = number(json, "best dice");
    state.bestEpoch = (int) number(json, "best epoch");
    state.modelEpoch = (int) number(json, "model epoch");
    if (json.containsKey("plateau rate")) {
      double best = number(json, "plateau best");
      state.plateau =
          new ReduceOnPlateau.State(
              (float) number(json, "plateau rate"),
              // Infinite before the first observation, which JSON writes as null.
              Double.isNaN(best) ? Double.POSITIVE_INFINITY : best,
              (int) number(json, "plateau waited"));
    }
    state.lossScale =
        new LossScale.State(
            (float) number(json, "loss scale"), (int) number(json, "loss scale held"));
    if (json.get("history") instanceof List<?> epochs) {
      epochs.forEach(epoch -> state.history.add(epoch(epoch)));
    }
    return state;
  }

  private static Map<String, Object> toJson(Epoch epoch) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", epoch.number());
    json.put("train loss", epoch.trainLoss());
    json.put("validation loss", epoch.validationLoss());
    json.put("validation dice", epoch.validationDice());
    json.put("learning rate", epoch.learningRate());
    json.put("seconds", epoch.seconds());
    json.put("share waited", epoch.shareWaited());
    return json;
  }

  private static Epoch epoch(Object json) {
    if (!(json instanceof Map<?, ?> epoch)) {
      throw new IllegalArgumentException("an epoch of the history is not an object");
    }
    return new Epoch(
        (int) number(epoch, "number"),
        number(epoch, "train loss"),
        number(epoch, "validation loss"),
        number(epoch, "validation dice"),
        number(epoch, "learning rate"),
        number(epoch, "seconds"),
        laterNumber(epoch, "share waited", Double.NaN));
  }

  /** One that runs did not save at first. */
  private static double laterNumber(Map<?, ?> json, String name, double otherwise) {
    return json.containsKey(name) ? number(json, name) : otherwise;
  }

  /** A number; null is NaN. */
  private static double number(Map<?, ?> json, String name) {
    Object value = json.get(name);
    if (value == null && json.containsKey(name)) {
      return Double.NaN;
    }
    if (!(value instanceof Double number)) {
      throw new IllegalArgumentException("\"" + name + "\" is not a number, but " + value);
    }
    return number;
  }
}
