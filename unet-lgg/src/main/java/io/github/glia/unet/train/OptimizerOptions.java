package io.github.glia.unet.train;

import java.util.Map;

/**
 * How a step changes the network.
 *
 * @param name which optimizer
 * @param learningRate the highest
 * @param weightDecay pulls weights towards 0
 * @param momentum of SGD
 * @param schedule of the learning rate, as {@link Scheduling#parse} has it
 * @param warmUp epochs in which the learning rate rises
 * @param accumulate batches whose gradients are added up before a step
 * @param clip the largest norm of the gradients; 0 does not clip
 */
public record OptimizerOptions(
    OptimizerName name,
    double learningRate,
    double weightDecay,
    double momentum,
    String schedule,
    int warmUp,
    int accumulate,
    double clip) {
  static final OptimizerOptions DEFAULTS =
      new OptimizerOptions(
          OptimizerName.ADAM, 2e-3, OptimizerName.ADAM.usualWeightDecay(), 0.9, "cosine", 0, 1, 1);

  public OptimizerOptions {
    Require.that(
        learningRate > 0 && Double.isFinite(learningRate),
        "--learning-rate must be above 0, but is " + learningRate);
    Require.that(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "--weight-decay must be 0 or more, but is " + weightDecay);
    Require.that(
        momentum >= 0 && momentum < 1,
        "--momentum must be at least 0 and less than 1, but is " + momentum);
    Scheduling.parse(schedule);
    Require.atLeast("warm-up", warmUp, 0);
    Require.atLeast("accumulate", accumulate, 1);
    Require.that(
        clip >= 0 && Double.isFinite(clip),
        "--clip must be above 0, or 0 for none, but is " + clip);
  }

  /** The weight decay is what is usual with the optimizer where it is not given. */
  static OptimizerOptions of(Flags flags) {
    OptimizerName name = flags.choice("optimizer", OptimizerName.values());
    return new OptimizerOptions(
        name,
        flags.number("learning-rate"),
        flags.has("weight-decay") ? flags.number("weight-decay") : name.usualWeightDecay(),
        flags.number("momentum"),
        flags.text("schedule"),
        flags.whole("warm-up"),
        flags.whole("accumulate"),
        flags.number("clip"));
  }

  void putInto(Map<String, Object> json) {
    json.put("optimizer", Flags.text(name));
    json.put("learning-rate", learningRate);
    json.put("weight-decay", weightDecay);
    json.put("momentum", momentum);
    json.put("schedule", schedule);
    json.put("warm-up", warmUp);
    json.put("accumulate", accumulate);
    json.put("clip", clip);
  }

  Scheduling scheduling() {
    return Scheduling.parse(schedule);
  }
}
