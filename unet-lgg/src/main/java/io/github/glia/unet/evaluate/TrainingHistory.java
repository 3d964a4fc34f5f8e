package io.github.glia.unet.evaluate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How training went. */
public record TrainingHistory(List<Epoch> epochs) {
  public TrainingHistory {
    epochs = List.copyOf(epochs);
  }

  /** The epochs for machines; what was not measured is not a number. */
  public List<Map<String, Object>> toJson() {
    return epochs.stream().map(TrainingHistory::toJson).toList();
  }

  private static Map<String, Object> toJson(Epoch epoch) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("epoch", epoch.number());
    json.put("learningRate", epoch.learningRate());
    json.put("trainingLoss", epoch.trainLoss());
    json.put("validationLoss", epoch.validationLoss());
    json.put("validationDice", epoch.validationDice());
    json.put("seconds", epoch.seconds());
    json.put("shareWaited", epoch.shareWaited());
    return json;
  }
}
