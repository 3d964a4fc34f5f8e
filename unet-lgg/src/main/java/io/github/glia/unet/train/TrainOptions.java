package io.github.glia.unet.train;

import io.github.glia.unet.UNet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All choices of a training, one for each flag of {@code train}; in JSON they are one flat object
 * with the names of the flags. What contradicts is refused.
 */
public record TrainOptions(
    DataOptions data,
    SplitOptions split,
    NetworkOptions network,
    OptimizerOptions optimizer,
    LearningOptions learning,
    RunOptions run) {

  public TrainOptions {
    Contradictions.check(data, network, optimizer, learning);
  }

  /**
   * What is chosen where nobody says otherwise: as the model that comes along was trained, but for
   * the split, the device and its precision.
   */
  public static TrainOptions defaults() {
    return new TrainOptions(
        DataOptions.DEFAULTS,
        SplitOptions.DEFAULTS,
        NetworkOptions.DEFAULTS,
        OptimizerOptions.DEFAULTS,
        LearningOptions.DEFAULTS,
        RunOptions.DEFAULTS);
  }

  /** Every choice by its name. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    data.putInto(json);
    split.putInto(json);
    network.putInto(json);
    optimizer.putInto(json);
    learning.putInto(json);
    run.putInto(json);
    return json;
  }

  /**
   * The defaults with the choices that are named.
   *
   * @throws IllegalArgumentException if there is no such choice, or they contradict
   */
  public static TrainOptions fromJson(Map<String, ?> chosen) {
    return defaults().with(chosen);
  }

  /**
   * These with other choices for those that are named. The weight decay follows the optimizer, and
   * which epoch is selected follows the folds, unless they are named too.
   *
   * @throws IllegalArgumentException if there is no such choice, or they contradict
   */
  public TrainOptions with(Map<String, ?> chosen) {
    Map<String, Object> all = toJson();
    for (String name : chosen.keySet()) {
      Require.that(
          all.containsKey(name),
          "there is no option \"" + name + "\"; there is " + String.join(", ", all.keySet()));
    }
    if (chosen.containsKey("optimizer")) {
      all.put("weight-decay", null);
    }
    if (chosen.containsKey("folds")) {
      all.put("select", null);
    }
    all.putAll(chosen);
    Flags flags = new Flags(all);
    SplitOptions newSplit = SplitOptions.of(flags);
    return new TrainOptions(
        DataOptions.of(flags),
        newSplit,
        NetworkOptions.of(flags),
        OptimizerOptions.of(flags),
        LearningOptions.of(flags, newSplit),
        RunOptions.of(flags));
  }

  /** These with one other choice. */
  public TrainOptions with(String name, Object value) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put(name, value);
    return with(one);
  }

  /** These with the network of a preset: lgg, classic or small. */
  public TrainOptions withPreset(String preset) {
    return new TrainOptions(data, split, NetworkOptions.preset(preset), optimizer, learning, run);
  }

  /** The network for images with some channels. */
  public UNet.Config network(int channels) {
    return network.config(channels);
  }
}
