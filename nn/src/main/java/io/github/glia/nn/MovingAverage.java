package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.update.AveragePlan;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An exponential moving average of a network's parameters and statistics, which often predicts
 * better than the last ones: average = decay · average + (1 − decay) · value, after each step.
 */
public final class MovingAverage implements AutoCloseable {
  private final float decay;
  private final Map<String, Tensor> averages = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final Scope scope = Scope.detached();

  /** Starts from what the network holds now. */
  public MovingAverage(Layer network, float decay) {
    if (!(decay >= 0 && decay < 1)) {
      throw Check.failed("moving average", "decay must be in [0, 1), but is " + decay);
    }
    this.decay = decay;
    Map<String, Parameter> state = Check.present("moving average", "the network", network).state();
    if (state.isEmpty()) {
      throw Check.failed("moving average", network.name() + " has no parameters");
    }
    try (Scope step = Scope.open()) {
      state.forEach(
          (name, parameter) -> {
            Tensor average = parameter.value().emptyLike();
            average.copyFrom(parameter.value());
            averages.put(name, average);
            parameters.add(parameter);
          });
      averages.values().forEach(scope::adopt);
    }
  }

  /** Takes in the network's values. */
  public void update() {
    takeIn(decay);
  }

  /**
   * Takes in the network's values with a decay that grows with the training, so that an average
   * that remembers many steps does not hold on to the random values of the first ones: the lesser
   * of the decay and (1 + steps) / (10 + steps).
   *
   * @param steps how many there were before
   */
  public void update(long steps) {
    if (steps < 0) {
      throw Check.failed("moving average", "steps must be 0 or more, but is " + steps);
    }
    takeIn(Math.min(decay, (1f + steps) / (10f + steps)));
  }

  private void takeIn(float share) {
    List<Tensor> values = parameters.stream().map(Parameter::value).toList();
    Device device = values.get(0).device();
    AveragePlan.on(device, new AveragePlan.Key())
        .step(List.copyOf(averages.values()), values, share);
  }

  /**
   * Exchanges the network's values and their averages: to predict with them, and once more after.
   */
  public void swap() {
    try (Scope step = Scope.open()) {
      int i = 0;
      for (Tensor average : averages.values()) {
        Tensor value = parameters.get(i++).value();
        Tensor old = value.emptyLike();
        old.copyFrom(value);
        value.copyFrom(average);
        average.copyFrom(old);
        old.close();
      }
    }
  }

  /** The averages by parameter, for saving and restoring. */
  public Map<String, Tensor> state() {
    return Collections.unmodifiableMap(averages);
  }

  @Override
  public void close() {
    scope.close();
  }
}
