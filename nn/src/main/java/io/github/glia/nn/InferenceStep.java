package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * Predictions of a network, for one batch after the other. Where the device can record work (a GPU:
 * as a CUDA graph), the third batch of the same shapes is recorded, and from then on the recording
 * is replayed: the same numbers, without asking for each kernel again.
 *
 * <p>A recording is of the weights and statistics as they were. When one of them has changed, the
 * recording is forgotten, and things begin anew. What else the output depends on must stay as it
 * is.
 *
 * <p>A forward that reads from the device, or in which a layer predicts on a tape of its own,
 * cannot be recorded; then all batches are computed plainly, and {@link #whyNotRecorded} says why.
 */
public final class InferenceStep implements AutoCloseable {
  /** Computes the output of a batch, on a tape for inference. */
  public interface Forward {
    Tensor output(Tape tape, List<Tensor> inputs);
  }

  private final StepRecorder recorder;
  private final Batch batch;

  public InferenceStep(Layer network, Forward forward) {
    Check.present("inference step", "the network", network);
    batch = new Batch(Check.present("inference step", "the forward", forward));
    List<Parameter> parameters = List.copyOf(network.state().values());
    List<Layer> layers = network.withAllWithin();
    recorder = new StepRecorder(() -> StepKey.unchanged(parameters).and(StepKey.behaving(layers)));
  }

  /**
   * Computes the output of a batch, without waiting for the device: only reading the output waits,
   * and may tell that the batch has failed.
   *
   * @return the output, until the next batch: the caller's scope owns it, but the next one may be
   *     written to the same memory. Who needs it longer copies it
   */
  public Tensor predict(Tensor... inputs) {
    if (inputs.length == 0) {
      throw Check.failed("inference step", "there are no inputs");
    }
    return recorder.take(batch, 1, inputs);
  }

  /** Why batches are not recorded on a device that could; null where they are. */
  public String whyNotRecorded() {
    return recorder.whyNot();
  }

  @Override
  public void close() {
    recorder.close();
  }

  /** Forward of one batch. */
  private static final class Batch implements StepRecorder.Step {
    private final Forward forward;
    private HeldWeights held;

    Batch(Forward forward) {
      this.forward = forward;
    }

    @Override
    public Tensor compute(List<Tensor> inputs) {
      return forward.output(Tape.inference(), inputs);
    }

    @Override
    public Tensor rehearse(List<Tensor> inputs, Scope memory) {
      held = new HeldWeights(memory);
      return forward.output(Tape.holding(held), inputs);
    }

    @Override
    public Tensor record(List<Tensor> inputs, Scope memory) {
      return forward.output(Tape.holding(held), inputs);
    }
  }
}
