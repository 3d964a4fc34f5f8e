package io.github.glia.unet.train;

import io.github.glia.unet.evaluate.Epoch;
import io.github.glia.unet.train.LearningOptions.Select;
import java.io.IOException;

/** What is done when an epoch is complete: which weights are kept, and what is written. */
final class EpochEnd {
  private final TrainOptions options;
  private final TrainingData data;
  private final RunFolder folder;
  private final SavedRun saved;
  private final Metrics metrics;
  private final Listener listener;

  EpochEnd(
      TrainOptions options,
      TrainingData data,
      RunFolder folder,
      SavedRun saved,
      Metrics metrics,
      Listener listener) {
    this.options = options;
    this.data = data;
    this.folder = folder;
    this.saved = saved;
    this.metrics = metrics;
    this.listener = listener;
  }

  /** Counts the epoch, and writes what must be kept of it. */
  void record(Validation.Result result, Learner learner, LearningRate rate, RunState state)
      throws IOException {
    boolean validated = !data.validation().isEmpty();
    boolean best = validated && (Double.isNaN(state.bestDice) || result.dice() > state.bestDice);
    Epoch epoch =
        new Epoch(
            state.epoch + 1,
            state.lossSum / state.slices,
            result.loss(),
            result.dice(),
            rate.of(state),
            state.seconds,
            state.shareWaited());
    rate.observe(result.loss());
    rate.saveTo(state);
    boolean selected = best || !validated || options.learning().select() == Select.LAST;
    state.complete(epoch, best, selected);
    // The last checkpoint comes last: a kill before it goes back, and finds the best one again.
    if (best) {
      saved.saveBest(learner, state);
    }
    if (selected) {
      learner.writeModel(folder.model(), data.modelInfo(options, epoch));
    }
    saved.saveLast(learner, state);
    metrics.add(state.history);
    listener.epochEnded(epoch, best);
  }
}
