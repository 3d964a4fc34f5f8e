package io.github.glia.unet.evaluate;

import java.util.List;

/** The epochs of a training, in their order. */
public record TrainingHistory(List<Epoch> epochs) {
  public TrainingHistory {
    epochs = List.copyOf(epochs);
  }
}
