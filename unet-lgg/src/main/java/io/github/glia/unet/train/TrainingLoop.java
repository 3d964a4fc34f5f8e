package io.github.glia.unet.train;

import io.github.glia.unet.data.Batches;
import io.github.glia.unet.evaluate.Epoch;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The training loop: epochs of steps, each ended by a validation. It saves in between, ends where
 * it is told to, and goes back to the last checkpoint where the loss diverges.
 */
final class TrainingLoop {
  private static final int MOST_TIMES_GONE_BACK = 3;
  private static final double NANO = 1e-9;

  private final TrainOptions options;
  private final Learner learner;
  private final Batches batches;
  private final Validation validation;
  private final EpochEnd epochEnd;
  private final SavedRun saved;
  private final RunFolder folder;
  private final Listener listener;
  private final BooleanSupplier stop;

  private final EpochLength length;
  private final LearningRate rate;
  private final LearningStep step;
  private final Pace pace;

  private RunState state;
  private long savedAt = System.nanoTime();
  private boolean saidWhyNotRecorded;

  /**
   * A loop that goes on from a state.
   *
   * @param stop whether to finish the step, save and return
   */
  TrainingLoop(
      TrainOptions options,
      Learner learner,
      Batches batches,
      Validation validation,
      EpochEnd epochEnd,
      SavedRun saved,
      RunFolder folder,
      Listener listener,
      BooleanSupplier stop,
      RunState state) {
    this.options = options;
    this.learner = learner;
    this.batches = batches;
    this.validation = validation;
    this.epochEnd = epochEnd;
    this.saved = saved;
    this.folder = folder;
    this.listener = listener;
    this.stop = stop;
    length = new EpochLength(batches.batchesPerEpoch(), options.optimizer().accumulate());
    rate = new LearningRate(options, length);
    step = new LearningStep(learner, batches, rate, length);
    pace = new Pace(batches);
    goOnFrom(state);
  }

  Outcome.End run() throws IOException {
    while (true) {
      if (noLongerImproves()) {
        return Outcome.End.EARLY_STOPPING;
      }
      if (state.epoch >= options.learning().epochs()) {
        return Outcome.End.LAST_EPOCH;
      }
      try {
        if (!epoch()) {
          save();
          return Outcome.End.INTERRUPTED;
        }
      } catch (DivergedException e) {
        goBack(e);
      }
    }
  }

  RunState state() {
    return state;
  }

  EpochLength length() {
    return length;
  }

  Pace pace() {
    return pace;
  }

  private boolean noLongerImproves() {
    int patience = options.learning().earlyStopping();
    return patience > 0 && state.bestEpoch > 0 && state.epoch - state.bestEpoch >= patience;
  }

  /** What is left of an epoch, and its validation; false if told to stop before its end. */
  private boolean epoch() throws IOException {
    long start = System.nanoTime();
    double before = state.seconds;
    while (state.batch < length.batches()) {
      if (stop.getAsBoolean()) {
        return false;
      }
      step();
      state.seconds = before + secondsSince(start);
      if (secondsSince(savedAt) >= options.run().checkpointSeconds()) {
        save();
      }
    }
    long validationStart = System.nanoTime();
    Optional<Validation.Result> result =
        learner.withBestWeights(() -> validation.of(learner.network(), stop));
    if (result.isEmpty()) {
      return false;
    }
    pace.validated(secondsSince(validationStart));
    state.seconds = before + secondsSince(start);
    requireFinite(result.get());
    epochEnd.record(result.get(), learner, rate, state);
    savedAt = System.nanoTime();
    return true;
  }

  private void step() {
    long start = System.nanoTime();
    long slices = state.slices;
    double waitedBefore = batches.secondsWaited();
    float rateOfStep = rate.of(state);
    double loss = step.make(state);
    double seconds = secondsSince(start);
    pace.stepped(state.slices - slices, seconds);
    state.stepSeconds += seconds;
    state.secondsWaited += batches.secondsWaited() - waitedBefore;
    if (!saidWhyNotRecorded && learner.whyNotRecorded().isPresent()) {
      saidWhyNotRecorded = true;
      listener.note("Steps are not recorded and replayed: " + learner.whyNotRecorded().get());
    }
    report(loss, rateOfStep);
  }

  private void report(double loss, float rateOfStep) {
    List<Epoch> history = state.history;
    int epochsLeft = options.learning().epochs() - state.epoch;
    int made = length.stepsUntil(state.batch);
    listener.stepped(
        new Listener.Step(
            state.epoch + 1,
            options.learning().epochs(),
            made,
            length.steps(),
            pace.slicesPerSecond(),
            loss,
            history.isEmpty() ? Double.NaN : history.get(history.size() - 1).validationDice(),
            rateOfStep,
            pace.secondsFor(epochsLeft * (long) length.steps() - made, epochsLeft)));
  }

  private void save() throws IOException {
    requireFiniteWeights();
    saved.saveLast(learner, state);
    savedAt = System.nanoTime();
  }

  private void requireFinite(Validation.Result result) {
    if (validation.isOfSomebody() && !Double.isFinite(result.loss())) {
      throw diverged("the validation loss became " + result.loss());
    }
    requireFiniteWeights();
  }

  /** What is infinite or NaN must not be saved: there would be nothing to go back to. */
  private void requireFiniteWeights() {
    Optional<String> wrong = saved.notFinite(learner);
    if (wrong.isPresent()) {
      throw diverged(wrong.get() + " became infinite or NaN");
    }
  }

  private DivergedException diverged(String what) {
    return DivergedException.at(state, length, rate.of(state), what);
  }

  private void goBack(DivergedException reason) throws IOException {
    int times = state.timesGoneBack + 1;
    double factor = state.rateFactor / 2;
    if (times > MOST_TIMES_GONE_BACK) {
      throw new DivergedException(
          String.format(
              "%s, after the rate was halved %d times. The last good checkpoint is %s. Start again"
                  + " with a lower --learning-rate, with --clip or --warm-up, or look at the data",
              reason.getMessage(), MOST_TIMES_GONE_BACK, folder.last()));
    }
    goOnFrom(saved.restoreLast(learner));
    state.timesGoneBack = times;
    state.rateFactor = factor;
    save();
    listener.note(
        String.format(
            "%s. Going back to %s (epoch %d, step %d) with half the rate, %.3g; time %d of %d",
            reason.getMessage(),
            folder.last(),
            state.epoch + 1,
            length.stepsUntil(state.batch),
            rate.of(state),
            times,
            MOST_TIMES_GONE_BACK));
  }

  private void goOnFrom(RunState from) {
    state = from;
    rate.restoreFrom(state);
    if (state.batch < length.batches()) {
      batches.seek(state.epoch, state.batch);
    } else {
      batches.seek(state.epoch + 1L, 0);
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) * NANO;
  }
}
