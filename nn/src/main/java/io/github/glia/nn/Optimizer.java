package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.NormPlan;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Changes the parameters of a network by their gradients. */
public abstract class Optimizer implements AutoCloseable {
  private final Map<String, Parameter> parameters;
  private final List<String> stateNames;
  private final Map<String, Tensor> state = new LinkedHashMap<>();
  private final Scope scope = Scope.detached();
  private final List<Parameter> trained;
  private final List<List<Tensor>> stateTensors = new ArrayList<>();
  private final Active active;
  private double clip = Double.POSITIVE_INFINITY;
  private double gradientNorm = Double.NaN;
  private long steps;
  private boolean closed;

  /** An optimizer with some tensors of state, of each parameter's shape and first 0. */
  Optimizer(Layer network, String... stateNames) {
    parameters = Check.present("optimizer", "the network", network).trained();
    if (parameters.isEmpty()) {
      throw Check.failed("optimizer", network.name() + " has no parameters to train");
    }
    parameters.values().forEach(Parameter::value); // refuses a network that is not initialized
    this.stateNames = List.of(stateNames);
    trained = List.copyOf(parameters.values());
    active = new Active();
  }

  /**
   * Makes the state where it is not there yet: at the end of the first step and not before it,
   * since memory is fullest in the middle of a step.
   */
  private void makeState() {
    if (closed) {
      throw new IllegalStateException("the optimizer was used after it was closed");
    }
    if (!state.isEmpty() || stateNames.isEmpty()) {
      return;
    }
    try (Scope step = Scope.open()) {
      Map<String, Tensor> made = new LinkedHashMap<>();
      for (String name : stateNames) {
        parameters.forEach(
            (parameter, p) -> {
              Tensor tensor = p.value().emptyLike();
              tensor.zero();
              made.put(name + "." + parameter, tensor);
            });
      }
      made.values().forEach(scope::adopt);
      state.putAll(made);
      for (String name : stateNames) {
        stateTensors.add(
            parameters.keySet().stream()
                .map(parameter -> made.get(name + "." + parameter))
                .toList());
      }
    }
  }

  /** Adam with the usual settings: β₁ 0.9, β₂ 0.999, ε 1e-8. */
  public static Optimizer adam(Layer network) {
    return new AdamOptimizer(network, new Adam(0.9, 0.999, 1e-8, 0), false);
  }

  public static Optimizer adam(Layer network, Adam settings) {
    return new AdamOptimizer(network, Check.present("adam", "settings", settings), false);
  }

  /** Adam with decoupled weight decay. */
  public static Optimizer adamW(Layer network, Adam settings) {
    return new AdamOptimizer(network, Check.present("adamW", "settings", settings), true);
  }

  public static Optimizer sgd(Layer network, Sgd settings) {
    return new SgdOptimizer(network, Check.present("sgd", "settings", settings));
  }

  abstract void update(Active active, float learningRate, float gradientScale, long step);

  /** The parameters that have a gradient in a step; one object for all steps. */
  final class Active {
    final List<Tensor> values = new ArrayList<>();
    final List<Tensor> gradients = new ArrayList<>();
    private final List<List<Tensor>> states = new ArrayList<>();

    private Active() {
      stateNames.forEach(name -> states.add(new ArrayList<>()));
    }

    private void findParameters() {
      values.clear();
      gradients.clear();
      for (int i = 0; i < trained.size(); i++) {
        if (trained.get(i).hasGradient()) {
          values.add(trained.get(i).value());
          gradients.add(trained.get(i).gradient());
        }
      }
      if (values.isEmpty()) {
        throw new IllegalStateException("no parameter has a gradient: run backward before step");
      }
    }

    private void findStates() {
      for (int k = 0; k < states.size(); k++) {
        states.get(k).clear();
        for (int i = 0; i < trained.size(); i++) {
          if (trained.get(i).hasGradient()) {
            states.get(k).add(stateTensors.get(k).get(i));
          }
        }
      }
    }

    Device device() {
      return values.get(0).device();
    }

    /** The k-th tensors of state, of the names that the optimizer was made with. */
    List<Tensor> state(int k) {
      return states.get(k);
    }
  }

  /** Scales gradients down where their norm, over all parameters, is larger than this. */
  public final Optimizer clip(double largestNorm) {
    if (!(largestNorm > 0)) {
      throw Check.failed("optimizer", "the largest norm must be above 0, but is " + largestNorm);
    }
    clip = largestNorm;
    return this;
  }

  /** Changes the parameters, and forgets the gradients. */
  public final void step(float learningRate) {
    step(learningRate, 1);
  }

  /** The same with gradients multiplied first, by 1 / the multiple of the loss that they are of. */
  public final void step(float learningRate, float gradientScale) {
    active.findParameters();
    makeState();
    active.findStates();
    float scale = gradientScale;
    if (clip < Double.POSITIVE_INFINITY) {
      gradientNorm =
          gradientScale * NormPlan.on(active.device(), new NormPlan.Key()).norm(active.gradients);
      double shrink = clip / (gradientNorm + 1e-6);
      if (shrink < 1) { // not where the norm is NaN: that is for the weights to show
        scale *= (float) shrink;
      }
    }
    update(active, learningRate, scale, steps + 1);
    steps++;
    for (int i = 0; i < trained.size(); i++) {
      trained.get(i).clearGradient();
    }
  }

  /** The norm of the gradients of the last step, before they were clipped; NaN without clip. */
  public final double gradientNorm() {
    return gradientNorm;
  }

  /** How many steps were taken. */
  public final long steps() {
    return steps;
  }

  /** What must be saved, with {@link #steps}, to go on later. */
  public final Map<String, Tensor> state() {
    makeState();
    return Collections.unmodifiableMap(state);
  }

  /** Goes on after the steps taken; {@link #state} was filled by the caller. */
  public final void resumeAfter(long stepsTaken) {
    if (stepsTaken < 0) {
      throw Check.failed("optimizer", "steps must be 0 or more, but are " + stepsTaken);
    }
    steps = stepsTaken;
  }

  @Override
  public final void close() {
    closed = true;
    scope.close();
  }
}
