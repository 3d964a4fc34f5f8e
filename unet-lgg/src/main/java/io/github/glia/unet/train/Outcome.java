package io.github.glia.unet.train;

import io.github.glia.unet.evaluate.TrainingHistory;
import java.nio.file.Path;

/**
 * How a training ended.
 *
 * @param modelEpoch whose weights the model has; 0 if no epoch is complete
 * @param modelDice of that epoch on the validation volumes; NaN without any
 * @param model the file of weights; it is there when an epoch is complete
 * @param message for the user: what happened, and how to go on
 * @param shareWaited the share of training steps, in this process, spent waiting for data
 */
public record Outcome(
    End end,
    TrainingHistory history,
    int modelEpoch,
    double modelDice,
    Path model,
    String message,
    double shareWaited) {

  /** Why it ended. */
  public enum End {
    LAST_EPOCH,
    EARLY_STOPPING,
    /** Told to stop: all is saved, and a resume goes on. */
    INTERRUPTED
  }
}
