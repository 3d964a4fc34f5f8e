package io.github.glia.nn;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Recording;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Forward and backward of a network, for one batch after the other. Where the device can record
 * work (a GPU: as a CUDA graph), the third batch of the same shapes is recorded, and from then on
 * the recording is replayed: the same numbers, without asking for each kernel again.
 *
 * <p>A layer that does something else at each step, such as dropout, cannot be recorded; then all
 * steps are plain ones, and {@link #whyNotRecorded} says why.
 */
public final class GradientStep implements AutoCloseable {
  /** Computes the loss of a batch: forward, on a tape. */
  public interface Forward {
    Tensor loss(Tape tape, List<Tensor> inputs);
  }

  private final List<Parameter> parameters;
  private final Forward forward;
  private StepKey previous;
  private Recorded recorded;
  private String whyNot;

  public GradientStep(Layer network, Forward forward) {
    Check.present("gradient step", "the network", network);
    this.parameters = List.copyOf(network.state().values());
    this.forward = Check.present("gradient step", "the forward", forward);
  }

  /**
   * Adds the gradients of a batch to those of the network's parameters. If it fails and there were
   * none before, there are none after it.
   *
   * @param seed of the random numbers that layers draw
   * @param step the number of the step, as in {@link Tape#training}
   * @param multiple of the loss whose gradients they are
   * @return the loss
   */
  public float run(long seed, long step, float multiple, Tensor... inputs) {
    boolean clean = !hasGradients();
    try (Scope scope = Scope.open()) {
      return start(seed, step, multiple, inputs).item();
    } catch (RuntimeException e) {
      if (clean) {
        clearGradients();
      }
      throw e;
    }
  }

  /**
   * The same without waiting for the device, which may not have computed anything yet: only reading
   * the loss waits, and may tell that the batch has failed.
   *
   * @return the loss, until the next batch
   */
  public Tensor start(long seed, long step, float multiple, Tensor... inputs) {
    if (hasGradients()) { // those are added to, which a recording does not
      return plain(seed, step, multiple, List.of(inputs));
    }
    try {
      return first(seed, step, multiple, inputs);
    } catch (RuntimeException e) {
      clearGradients();
      throw e;
    }
  }

  /** The first batch of a group, which has no gradients yet. */
  private Tensor first(long seed, long step, float multiple, Tensor... inputs) {
    if (!backend().records() || whyNot != null) {
      return plain(seed, step, multiple, List.of(inputs));
    }
    boolean again = previous != null && previous.fits(multiple, inputs);
    if (!again) {
      previous = new StepKey(parameters, multiple, inputs);
    }
    if (recorded != null && recorded.fits(multiple, inputs)) {
      return recorded.run(seed, step, multiple, inputs);
    }
    if (!again) { // such as the last batch of an epoch, which is smaller
      return plain(seed, step, multiple, List.of(inputs));
    }
    forget();
    recorded = new Recorded(previous, inputs);
    return recorded.run(seed, step, multiple, inputs);
  }

  /** Why steps are not recorded on a device that could; null where they are. */
  public String whyNotRecorded() {
    return whyNot;
  }

  private Backend backend() {
    return Backend.of(parameters.get(0).value().device());
  }

  private boolean hasGradients() {
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).hasGradient()) {
        return true;
      }
    }
    return false;
  }

  private void clearGradients() {
    parameters.forEach(Parameter::clearGradient);
  }

  private Tensor plain(long seed, long step, float multiple, List<Tensor> inputs) {
    try (Scope scope = Scope.open()) {
      return scope.keep(compute(seed, step, multiple, inputs));
    }
  }

  private Tensor compute(long seed, long step, float multiple, List<Tensor> inputs) {
    Tape tape = Tape.training(seed, step);
    Tensor loss = forward.loss(tape, inputs);
    tape.backward(loss, multiple);
    return loss;
  }

  private void forget() {
    if (recorded != null) {
      recorded.close();
      recorded = null;
    }
  }

  @Override
  public void close() {
    forget();
  }

  /** The recording for one key, in memory of its own: inputs, activations, gradients, the loss. */
  private final class Recorded {
    private final StepKey key;
    private final Memory.Pool pool;
    private final Scope scope = Scope.detached();
    private final List<Tensor> batch = new ArrayList<>();
    private final Map<Parameter, Tensor> gradients = new LinkedHashMap<>();
    private Recording recording;
    private Tensor loss;
    private boolean warm;

    Recorded(StepKey key, Tensor... inputs) {
      this.key = key;
      pool = inputs[0].device().memory().pool();
      try (Scope making = Scope.open()) {
        pool.run(
            () -> {
              for (Tensor input : inputs) {
                batch.add(scope.adopt(input.emptyLike()));
              }
            });
      }
    }

    boolean fits(float multiple, Tensor... inputs) {
      return key.fits(multiple, inputs) && (recording == null || recording.isUsable());
    }

    Tensor run(long seed, long step, float multiple, Tensor... inputs) {
      for (int i = 0; i < inputs.length; i++) {
        batch.get(i).copyFrom(inputs[i]);
      }
      if (recording != null) {
        return replay();
      }
      if (!warm) {
        warm = true;
        Tensor[] value = new Tensor[1];
        pool.run(() -> value[0] = plain(seed, step, multiple, batch));
        return value[0];
      }
      return record(seed, step, multiple);
    }

    private Tensor replay() {
      recording.replay();
      try (Scope views = Scope.open()) {
        gradients.forEach((parameter, gradient) -> parameter.attach(view(gradient)));
      }
      parameters.forEach(parameter -> parameter.value().changed());
      return view(loss);
    }

    /** The same memory, which lives until this one is closed too. */
    private Tensor view(Tensor tensor) {
      return tensor.reshape(tensor.shape());
    }

    private Tensor record(long seed, long step, float multiple) {
      try {
        pool.run(
            () -> {
              try (Scope activations = Scope.open()) {
                recording = backend().record(() -> keep(compute(seed, step, multiple, batch)));
              }
            });
        return view(loss);
      } catch (UnsupportedOperationException e) {
        whyNot = e.getMessage();
        clearGradients();
        Tensor value = plain(seed, step, multiple, batch);
        forget();
        return value;
      }
    }

    private void keep(Tensor computed) {
      loss = scope.adopt(computed);
      for (Parameter parameter : parameters) {
        if (parameter.hasGradient()) {
          gradients.put(parameter, scope.adopt(view(parameter.gradient())));
        }
      }
    }

    void close() {
      if (recording != null) {
        recording.close();
      }
      scope.close();
      pool.close();
    }
  }
}
