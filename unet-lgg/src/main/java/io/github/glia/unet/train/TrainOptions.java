package io.github.glia.unet.train;

import io.github.glia.nn.Norm;
import io.github.glia.unet.UNet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All choices of a training, one for each flag of {@code train}; the flag of {@code batchSize} is
 * {@code --batch-size}, and its name in JSON {@code batch-size}. What contradicts is refused.
 *
 * @param data the folder that is read; null for made-up brains
 * @param out where the model is written
 * @param device {@code auto}, {@code cpu}, {@code cuda:0}, …
 * @param schedule of the learning rate, as {@link Scheduling#parse} has it
 * @param warmUp epochs in which the learning rate rises
 * @param weightDecay null for what is usual: 0.01 with AdamW and 0 with others
 * @param momentum of SGD
 * @param size images are resized to this
 * @param patch training sees pieces of this size; 0 for whole images
 * @param normalization {@code percentile} or {@code plain}
 * @param modalities of NIfTI volumes, separated by commas; {@code all} takes the four
 * @param split shares of training, validation and perhaps test patients, in percent
 * @param folds of a cross-validation; 0 splits by {@code split}
 * @param fold which of them validates, from 1
 * @param augment as {@link io.github.glia.unet.data.Augmentation#parse} has it
 * @param sample as {@link io.github.glia.unet.data.Sampling#parse} has it
 * @param accumulate batches whose gradients are added up before a step
 * @param clip the largest norm of the gradients; 0 does not clip
 * @param ema the decay of a moving average of the weights; 0 has none
 * @param earlyStopping epochs without a better Dice before training ends; 0 goes on to the end
 * @param threads that prepare batches
 * @param checkpointSeconds how long a run goes at most without saving; 0 saves after each step
 * @param resume whether to go on from the last checkpoint in {@code out}
 */
public record TrainOptions(
    String data,
    String out,
    String device,
    int epochs,
    int batchSize,
    double learningRate,
    LossName loss,
    OptimizerName optimizer,
    Double weightDecay,
    double momentum,
    String schedule,
    int warmUp,
    int features,
    int depth,
    Norm norm,
    UNet.Up up,
    int size,
    int patch,
    String normalization,
    String modalities,
    boolean strict,
    String split,
    SplitBy splitBy,
    int folds,
    int fold,
    String augment,
    String sample,
    Precision precision,
    int accumulate,
    double clip,
    double ema,
    int earlyStopping,
    long seed,
    boolean deterministic,
    int threads,
    int checkpointSeconds,
    boolean resume) {

  /** What belongs together in a split. */
  public enum SplitBy {
    PATIENT,
    /** Leaks: neighbouring slices of one brain are nearly the same image. */
    SLICE
  }

  public TrainOptions {
    if (weightDecay == null) {
      weightDecay = optimizer.usualWeightDecay();
    }
  }

  /** What is chosen where nobody says otherwise. */
  public static TrainOptions defaults() {
    return new TrainOptions(
        null,
        null,
        "auto",
        50,
        16,
        1e-3,
        LossName.BCE_DICE,
        OptimizerName.ADAM,
        null,
        0.9,
        "cosine",
        0,
        32,
        4,
        Norm.BATCH,
        UNet.Up.TRANSPOSED,
        256,
        0,
        "percentile",
        "all",
        false,
        "80/20",
        SplitBy.PATIENT,
        0,
        1,
        "standard",
        "natural",
        Precision.AUTO,
        1,
        1,
        0,
        0,
        1,
        false,
        2,
        300,
        false);
  }

  /** Every choice by its name. */
  public Map<String, Object> toJson() {
    return Flags.toJson(this);
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
   * These with other choices for those that are named. The weight decay follows the optimizer
   * unless it is named too.
   *
   * @throws IllegalArgumentException if there is no such choice, or they contradict
   */
  public TrainOptions with(Map<String, ?> chosen) {
    Map<String, Object> all = new LinkedHashMap<>(toJson());
    if (chosen.containsKey("optimizer")) {
      all.put("weight-decay", null);
    }
    all.putAll(chosen);
    TrainOptions options = Flags.fromJson(all);
    Contradictions.check(options);
    return options;
  }

  /** These with one other choice. */
  public TrainOptions with(String name, Object value) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put(name, value);
    return with(one);
  }

  /** These with the network of a preset: lgg, classic or small. */
  public TrainOptions withPreset(String preset) {
    UNet.Config config = UNet.Config.preset(preset);
    return with(
        Map.of(
            "features",
            config.features(),
            "depth",
            config.depth(),
            "norm",
            Flags.text(config.norm()),
            "up",
            Flags.text(config.up())));
  }

  /** The network for images with some channels. */
  public UNet.Config network(int channels) {
    return new UNet.Config(channels, 1, features, depth, norm, up);
  }
}
