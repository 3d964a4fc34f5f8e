package io.github.glia.nn;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Recording;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** What a recording is good for: these inputs, and the network's values at these addresses. */
  private record Key(List<String> inputs, float multiple, List<Long> addresses) {}

  private final Layer network;
  private final Forward forward;
  private Key previous;
  private Key key;
  private Recorded recorded;
  private String whyNot;

  public GradientStep(Layer network, Forward forward) {
    this.network = Check.present("gradient step", "the network", network);
    this.forward = Check.present("gradient step", "the forward", forward);
  }

  /**
   * Adds the gradients of a batch to those of the network's parameters.
   *
   * @param seed of the random numbers that layers draw
   * @param step the number of the step, as in {@link Tape#training}
   * @param multiple of the loss whose gradients they are
   * @return the loss
   */
  public float run(long seed, long step, float multiple, Tensor... inputs) {
    try (Scope scope = Scope.open()) {
      return start(seed, step, multiple, inputs).item();
    }
  }

  /**
   * The same without waiting for the device, which may not have computed anything yet: only reading
   * the loss waits.
   *
   * @return the loss, until the next batch
   */
  public Tensor start(long seed, long step, float multiple, Tensor... inputs) {
    Backend backend = backend();
    if (!backend.records() || whyNot != null || hasGradients()) {
      return plain(seed, step, multiple, List.of(inputs));
    }
    Key now = key(multiple, inputs);
    boolean again = now.equals(previous);
    previous = now;
    if (recorded != null && now.equals(key) && recorded.isUsable()) {
      return recorded.run(seed, step, multiple, inputs);
    }
    if (!again) { // such as the last batch of an epoch, which is smaller
      return plain(seed, step, multiple, List.of(inputs));
    }
    forget();
    recorded = new Recorded(inputs);
    key = now;
    return recorded.run(seed, step, multiple, inputs);
  }

  /** Why steps are not recorded on a device that could; null where they are. */
  public String whyNotRecorded() {
    return whyNot;
  }

  private Backend backend() {
    return Backend.of(network.state().values().iterator().next().value().device());
  }

  /** Batches after the first of a group add to gradients: those are computed plainly. */
  private boolean hasGradients() {
    return network.trained().values().stream().anyMatch(Parameter::hasGradient);
  }

  private Key key(float multiple, Tensor... inputs) {
    return new Key(
        Arrays.stream(inputs).map(x -> x.shape() + " " + x.dtype()).toList(),
        multiple,
        network.state().values().stream().map(p -> p.value().address()).toList());
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
      key = null;
    }
  }

  @Override
  public void close() {
    forget();
  }

  /** The recording for one key, in memory of its own: inputs, activations, gradients, the loss. */
  private final class Recorded {
    private final Memory.Pool pool;
    private final Scope scope = Scope.detached();
    private final List<Tensor> batch = new ArrayList<>();
    private final Map<Parameter, Tensor> gradients = new LinkedHashMap<>();
    private Recording recording;
    private Tensor loss;
    private boolean warm;

    Recorded(Tensor... inputs) {
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

    boolean isUsable() {
      return recording == null || recording.isUsable();
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
      network.state().values().forEach(parameter -> parameter.value().changed());
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
        network.trained().values().forEach(Parameter::clearGradient);
        Tensor value = plain(seed, step, multiple, batch);
        forget();
        return value;
      }
    }

    private void keep(Tensor computed) {
      loss = scope.adopt(computed);
      network
          .trained()
          .values()
          .forEach(
              parameter -> {
                if (parameter.hasGradient()) {
                  gradients.put(parameter, scope.adopt(view(parameter.gradient())));
                }
              });
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
