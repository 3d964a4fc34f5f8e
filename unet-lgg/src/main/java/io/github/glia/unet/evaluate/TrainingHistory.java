package io.github.glia.unet.evaluate;

import java.util.List;

/** How training went. */
public record TrainingHistory(List<Epoch> epochs) {
  public TrainingHistory {
    epochs = List.copyOf(epochs);
  }
}
