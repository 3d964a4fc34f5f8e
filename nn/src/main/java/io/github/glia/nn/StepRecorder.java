package io.github.glia.nn;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Recording;
import io.github.glia.kernels.Release;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Takes one step after the other. Where the device can record work, the first of a {@link StepKey}
 * is plain, the second a rehearsal in memory of its own, the third is recorded there, and those
 * after it are replayed. Steps of other keys between are plain.
 */
final class StepRecorder implements AutoCloseable {
  /** What is done with a batch. */
  interface Step {
    Tensor compute(List<Tensor> inputs);

    /** The same, before it is recorded. What the recording needs goes to its memory. */
    Tensor rehearse(List<Tensor> inputs, Scope memory);

    /** The same, while it is recorded. */
    Tensor record(List<Tensor> inputs, Scope memory);

    /** Computing it failed, since it cannot be recorded; now it will be computed plainly. */
    default void refused() {}

    /** The device was asked to do again what was recorded. */
    default void replayed() {}
  }

  private final Supplier<StepKey.Network> network;
  private StepKey previous;
  private Recorded recorded;
  private String whyNot;

  /** Of a network as it is when it is asked for. */
  StepRecorder(Supplier<StepKey.Network> network) {
    this.network = network;
  }

  /**
   * Takes a step, without waiting for the device.
   *
   * @return what was computed, until the next step
   */
  Tensor take(Step step, float multiple, Tensor... inputs) {
    if (inputs.length == 0) { // what the step computes of is where the recording cannot change it
      return plain(step);
    }
    Backend backend = Backend.of(inputs[0].device());
    if (whyNot != null || !backend.records()) {
      return plain(step, inputs);
    }
    if (recorded != null && !recorded.isUsable()) {
      forget();
    }
    boolean again = previous != null && previous.fits(multiple, inputs);
    if (!again) {
      previous = new StepKey(network.get(), multiple, inputs);
    }
    try {
      if (recorded == null || !recorded.key.fits(multiple, inputs)) {
        if (!again) { // such as the last batch of an epoch, which is smaller
          return plain(step, inputs);
        }
        forget();
        recorded = new Recorded(backend, previous, inputs[0].device().memory().pool());
      }
      return recorded.take(step, inputs);
    } catch (RuntimeException | Error e) {
      Release.after(e).of(this::forget).end();
      throw e;
    }
  }

  /** Why steps are not recorded on a device that could; null where they are. */
  String whyNot() {
    return whyNot;
  }

  static Tensor plain(Step step, Tensor... inputs) {
    return kept(() -> step.compute(List.of(inputs)));
  }

  /** All else that was made is freed. */
  private static Tensor kept(Supplier<Tensor> computing) {
    try (Scope scope = Scope.open()) {
      return scope.keep(computing.get());
    }
  }

  /** The same memory, which lives until this one is closed too. */
  static Tensor view(Tensor tensor) {
    return tensor.reshape(tensor.shape());
  }

  private void forget() {
    if (recorded != null) {
      Recorded forgotten = recorded;
      recorded = null;
      forgotten.close();
    }
  }

  @Override
  public void close() {
    forget();
  }

  /** The recording for one key, in memory of its own: inputs, all that is computed of them. */
  private final class Recorded {
    private final Backend backend;
    private final long releases;
    private final StepKey key;
    private final Memory.Pool pool;
    private final Scope scope = Scope.detached();
    private final List<Tensor> batch = new ArrayList<>();
    private boolean rehearsed;
    private Recording recording;
    private Tensor output;

    Recorded(Backend backend, StepKey key, Memory.Pool pool) {
      this.backend = backend;
      this.releases = backend.releases();
      this.key = key;
      this.pool = pool;
    }

    /** A rehearsal is of use as long as its plans are. */
    boolean isUsable() {
      return key.fitsNetwork()
          && (recording == null ? backend.releases() == releases : recording.isUsable());
    }

    Tensor take(Step step, Tensor... inputs) {
      copyIn(inputs);
      if (recording != null) {
        recording.replay();
        step.replayed();
        output.changed();
        return view(output);
      }
      if (rehearsed) {
        return record(step, inputs);
      }
      Tensor[] computed = new Tensor[1];
      pool.run(() -> computed[0] = kept(() -> step.rehearse(batch, scope)));
      rehearsed = true;
      return computed[0];
    }

    private void copyIn(Tensor... inputs) {
      if (!rehearsed) {
        try (Scope making = Scope.open()) {
          pool.run(
              () -> {
                for (Tensor input : inputs) {
                  batch.add(scope.adopt(input.emptyLike()));
                }
              });
        }
      }
      for (int i = 0; i < inputs.length; i++) {
        batch.get(i).copyFrom(inputs[i]);
      }
    }

    private Tensor record(Step step, Tensor... inputs) {
      try {
        pool.run(
            () -> {
              try (Scope activations = Scope.open()) {
                recording =
                    backend.record(() -> output = scope.adopt(view(step.record(batch, scope))));
              }
            });
        return view(output);
      } catch (UnsupportedOperationException e) {
        whyNot = e.getMessage();
        step.refused();
        forget();
        return plain(step, inputs);
      }
    }

    void close() {
      Release release = new Release();
      if (recording != null) {
        release.of(recording::close);
      }
      release.of(scope::close).of(pool::close).end();
    }
  }
}
