package io.github.glia.unet.train;

import java.util.Map;

/**
 * How long and by what the network learns, and which of its epochs is kept.
 *
 * @param ema the decay of a moving average of the weights; 0 has none
 * @param earlyStopping epochs without a better Dice before training ends; 0 goes on to the end
 * @param select whose weights the model has
 */
public record LearningOptions(
    int epochs, int batchSize, LossName loss, double ema, int earlyStopping, Select select) {
  static final LearningOptions DEFAULTS =
      new LearningOptions(30, 16, LossName.BCE_DICE, 0.99, 0, Select.BEST);

  /** Whose weights the model has. */
  public enum Select {
    /** The epoch with the best Dice on the validation patients: their figures then flatter it. */
    BEST,
    /** The last epoch, whatever the validation patients say. */
    LAST
  }

  public LearningOptions {
    Require.atLeast("epochs", epochs, 1);
    Require.atLeast("batch-size", batchSize, 1);
    Require.that(
        ema >= 0 && ema < 1, "--ema must be above 0 and less than 1, or 0 for none, but is " + ema);
    Require.atLeast("early-stopping", earlyStopping, 0);
    Require.that(
        earlyStopping < epochs,
        "--early-stopping " + earlyStopping + " never acts within --epochs " + epochs);
  }

  /**
   * With folds, the last epoch is selected where nothing is given: the fold that validates is also
   * the one that is reported, and must not choose.
   */
  static LearningOptions of(Flags flags, SplitOptions split) {
    Select usual = split.folds() > 0 ? Select.LAST : Select.BEST;
    return new LearningOptions(
        flags.whole("epochs"),
        flags.whole("batch-size"),
        flags.choice("loss", LossName.values()),
        flags.number("ema"),
        flags.whole("early-stopping"),
        flags.has("select") ? flags.choice("select", Select.values()) : usual);
  }

  void putInto(Map<String, Object> json) {
    json.put("epochs", epochs);
    json.put("batch-size", batchSize);
    json.put("loss", Flags.text(loss));
    json.put("ema", ema);
    json.put("early-stopping", earlyStopping);
    json.put("select", Flags.text(select));
  }
}
