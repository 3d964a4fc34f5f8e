package io.github.glia.unet.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/** How the network learns: flags of {@code train}, each null where it is not given. */
final class TrainLearningFlags {
  @Option(names = "--epochs", paramLabel = "N", description = "How often every slice is seen.")
  Integer epochs;

  @Option(names = "--batch-size", paramLabel = "N", description = "Slices of one step.")
  Integer batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = "The highest learning rate.")
  Double learningRate;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description = "dice, bce, bce-dice, tversky, focal or jaccard.")
  String loss;

  @Option(names = "--optimizer", paramLabel = "NAME", description = "adam, adamw or sgd.")
  String optimizer;

  @Option(names = "--weight-decay", paramLabel = "SHARE", description = "Pulls weights towards 0.")
  Double weightDecay;

  @Option(names = "--momentum", paramLabel = "SHARE", description = "Of sgd.")
  Double momentum;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "constant, cosine, poly[:POWER], step[:EPOCHS[:FACTOR]] or plateau[:EPOCHS[:FACTOR]].")
  String schedule;

  @Option(
      names = "--warm-up",
      paramLabel = "EPOCHS",
      description = "Epochs in which the learning rate rises.")
  Integer warmUp;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Batches whose gradients are added up before a step.")
  Integer accumulate;

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      description = "The largest norm of the gradients; 0 does not clip.")
  Double clip;

  @Option(
      names = "--ema",
      paramLabel = "DECAY",
      description = "Validates and saves a moving average of the weights; 0 has none.")
  Double ema;

  @Option(
      names = "--early-stopping",
      paramLabel = "EPOCHS",
      description = "Stops after so many epochs without a better Dice; 0 never does.")
  Integer earlyStopping;

  @Option(
      names = "--select",
      paramLabel = "WHICH",
      description =
          "The epoch that becomes the model: best (Dice on the validation patients) or last."
              + " Default: best; with --folds last, for there the patients that validate are"
              + " also those that are reported.")
  String select;

  /** Adds all of them by their names. */
  void putInto(Map<String, Object> flags) {
    flags.put("epochs", epochs);
    flags.put("batch-size", batchSize);
    flags.put("learning-rate", learningRate);
    flags.put("loss", loss);
    flags.put("optimizer", optimizer);
    flags.put("weight-decay", weightDecay);
    flags.put("momentum", momentum);
    flags.put("schedule", schedule);
    flags.put("warm-up", warmUp);
    flags.put("accumulate", accumulate);
    flags.put("clip", clip);
    flags.put("ema", ema);
    flags.put("early-stopping", earlyStopping);
    flags.put("select", select);
  }
}
