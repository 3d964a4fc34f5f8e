package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Forward and backward of a network, for one batch after the other. Where the device can record
 * work (a GPU: as a CUDA graph), the third batch of the same shapes is recorded, and from then on
 * the recording is replayed: the same numbers, without asking for each kernel again.
 *
 * <p>A layer that does something else at each step, such as dropout, cannot be recorded; then all
 * steps are plain ones, and {@link #whyNotRecorded} says why. Numbers that forward takes from Java,
 * such as the factor of a {@link Scale}, are part of the recording: they have to stay the same.
 */
public final class GradientStep implements AutoCloseable {
  /** Computes the loss of a batch: forward, on a tape. */
  public interface Forward {
    Tensor loss(Tape tape, List<Tensor> inputs);
  }

  private final List<Parameter> parameters;
  private final Forward forward;
  private final StepRecorder recorder;

  /** Those that the recording computes, in its memory. */
  private final Map<Parameter, Tensor> recordedGradients = new LinkedHashMap<>();

  public GradientStep(Layer network, Forward forward) {
    Check.present("gradient step", "the network", network);
    this.parameters = List.copyOf(network.state().values());
    this.forward = Check.present("gradient step", "the forward", forward);
    List<Layer> layers = network.withAllWithin();
    recorder = new StepRecorder(() -> StepKey.trained(parameters).and(StepKey.behaving(layers)));
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
    Batch batch = new Batch(seed, step, multiple);
    if (hasGradients()) { // those are added to, which a recording does not
      return StepRecorder.plain(batch, inputs);
    }
    try {
      return recorder.take(batch, multiple, inputs);
    } catch (RuntimeException e) {
      clearGradients();
      throw e;
    }
  }

  /** Why steps are not recorded on a device that could; null where they are. */
  public String whyNotRecorded() {
    return recorder.whyNot();
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

  @Override
  public void close() {
    recorder.close();
  }

  /** Forward and backward of one batch. */
  private final class Batch implements StepRecorder.Step {
    private final long seed;
    private final long step;
    private final float multiple;

    Batch(long seed, long step, float multiple) {
      this.seed = seed;
      this.step = step;
      this.multiple = multiple;
    }

    @Override
    public Tensor compute(List<Tensor> inputs) {
      Tape tape = Tape.training(seed, step);
      Tensor loss = forward.loss(tape, inputs);
      tape.backward(loss, multiple);
      return loss;
    }

    @Override
    public Tensor rehearse(List<Tensor> inputs, Scope memory) {
      return compute(inputs);
    }

    @Override
    public Tensor record(List<Tensor> inputs, Scope memory) {
      Tensor loss = compute(inputs);
      recordedGradients.clear();
      for (Parameter parameter : parameters) {
        if (parameter.hasGradient()) {
          recordedGradients.put(parameter, memory.adopt(StepRecorder.view(parameter.gradient())));
        }
      }
      return loss;
    }

    @Override
    public void refused() {
      clearGradients();
    }

    @Override
    public void replayed() {
      try (Scope views = Scope.open()) {
        recordedGradients.forEach(
            (parameter, gradient) -> parameter.attach(StepRecorder.view(gradient)));
      }
      parameters.forEach(parameter -> parameter.value().changed());
    }
  }
}
