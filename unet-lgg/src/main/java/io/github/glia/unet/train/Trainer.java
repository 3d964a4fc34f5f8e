package io.github.glia.unet.train;

import io.github.glia.nn.ReduceOnPlateau;
import io.github.glia.nn.Schedule;
import io.github.glia.tensor.Device;
import io.github.glia.unet.data.Augmentation;
import io.github.glia.unet.data.Batches;
import io.github.glia.unet.data.Batches.Batch;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Sampling;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.evaluate.Epoch;
import io.github.glia.unet.evaluate.TrainingHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a U-Net, epoch by epoch, and keeps in a folder all that is needed to go on: {@code
 * last.safetensors} and {@code best.safetensors} are whole runs, {@code model.safetensors} is the
 * network of the best epoch, {@code config.json} says how it was made, {@code metrics.csv} and
 * {@code tensorboard} how it went.
 */
public final class Trainer {
  private static final int MOST_TIMES_GONE_BACK = 3;
  private static final String DEVICE = "device";

  private final TrainOptions options;
  private final TrainingData data;
  private final RunFolder folder;
  private final Listener listener;
  private final Device device;
  private volatile boolean stopping;

  private Learner learner;
  private Batches batches;
  private RunState state;
  private Schedule schedule;

  /** The schedule, or its part after the warm-up, if it is one that waits for a plateau. */
  private ReduceOnPlateau plateau;

  private Validation validation;
  private Metrics metrics;
  private Pace pace;
  private long savedAt;

  /**
   * A training that {@link #run} starts.
   *
   * @param out where its files are
   * @throws IllegalArgumentException if options contradict each other, the device or the data
   */
  public Trainer(TrainOptions options, DataSet data, Split split, Path out, Listener listener)
      throws IOException {
    Contradictions.check(options);
    device = Device.named(options.device());
    this.options =
        options.with(
            Map.of(
                "device",
                device.name(),
                "precision",
                Flags.text(Precision.valueOf(options.precision().on(device).name()))));
    this.data = new TrainingData(data, split, options);
    this.listener = listener;
    folder = new RunFolder(out);
  }

  /** Asks {@link #run} to finish its step, save and return; from any thread. */
  public void stop() {
    stopping = true;
  }

  /**
   * Trains until the last epoch, until no better one comes, or until told to stop.
   *
   * @throws IOException if a file cannot be read or written; the last checkpoint stays whole
   * @throws DivergedException if the loss diverges again and again
   */
  public Outcome run() throws IOException {
    folder.removeHalfWritten();
    Optional<Checkpoint> earlier = earlierRun();
    try (Learner theLearner = new Learner(options, data.channels(), device);
        Batches theBatches = newBatches()) {
      learner = theLearner;
      batches = theBatches;
      pace = new Pace(batches);
      validation =
          new Validation(
              data.validation(), learner.objective(), learner.type(), device, options.batchSize());
      begin(earlier);
      try (Metrics theMetrics = new Metrics(folder.path(), state.startedAt, state.history)) {
        metrics = theMetrics;
        return train();
      }
    }
  }

  private Optional<Checkpoint> earlierRun() throws IOException {
    if (!Files.exists(folder.last())) {
      if (options.resume()) {
        listener.note("there is no checkpoint in " + folder.path() + " yet: starting from scratch");
      }
      return Optional.empty();
    }
    if (!options.resume()) {
      throw new IllegalArgumentException(
          folder.path()
              + " holds a training already: go on with it by --resume, or choose another --out");
    }
    Checkpoint checkpoint = Checkpoint.read(folder.last());
    SameRun.check(checkpoint.json(), options, data, folder.last());
    return Optional.of(checkpoint);
  }

  private Batches newBatches() {
    return new Batches(
        data.train(),
        Sampling.parse(options.sample()),
        Augmentation.parse(options.augment()),
        options.batchSize(),
        options.patch(),
        options.seed(),
        options.threads());
  }

  private void begin(Optional<Checkpoint> earlier) throws IOException {
    makeSchedule();
    if (earlier.isPresent()) {
      restore(earlier.get());
      listener.note(
          String.format(
              "going on after epoch %d, batch %d of %d",
              state.epoch, state.batch, batches.batchesPerEpoch()));
      noteOtherDevice(earlier.get());
    } else {
      state = new RunState();
      state.startedAt = System.currentTimeMillis() * 1e-3;
      batches.seek(0, 0);
    }
    folder.writeConfig(options.with("resume", false));
    save(folder.last(), checkpoint());
  }

  private void noteOtherDevice(Checkpoint checkpoint) {
    Object before = checkpoint.json().get(DEVICE);
    if (options.deterministic() && !device.description().equals(before)) {
      listener.note(
          String.format(
              "--deterministic: this run began on another device (%s), and this one (%s) may round"
                  + " sums differently",
              before, device.description()));
    }
  }

  private void makeSchedule() {
    schedule = Scheduling.parse(options.schedule()).make(options, stepsPerEpoch());
    plateau = schedule instanceof ReduceOnPlateau waiting ? waiting : null;
    if (options.warmUp() > 0) {
      schedule = schedule.withWarmUp((long) options.warmUp() * stepsPerEpoch());
    }
  }

  private Outcome train() throws IOException {
    while (true) {
      if (earlyStopping()) {
        return outcome(Outcome.End.EARLY_STOPPING);
      }
      if (state.epoch >= options.epochs()) {
        return outcome(Outcome.End.LAST_EPOCH);
      }
      try {
        if (!epoch()) {
          save(folder.last(), checkpoint());
          return outcome(Outcome.End.INTERRUPTED);
        }
      } catch (DivergedException e) {
        goBack(e);
      }
    }
  }

  private boolean earlyStopping() {
    return options.earlyStopping() > 0
        && state.bestEpoch > 0
        && state.epoch - state.bestEpoch >= options.earlyStopping();
  }

  /** What is left of an epoch, and its validation; false if told to stop before its end. */
  private boolean epoch() throws IOException {
    long start = System.nanoTime();
    double before = state.seconds;
    while (state.batch < batches.batchesPerEpoch()) {
      if (stopping) {
        return false;
      }
      step();
      state.seconds = before + (System.nanoTime() - start) * 1e-9;
      if ((System.nanoTime() - savedAt) * 1e-9 >= options.checkpointSeconds()) {
        save(folder.last(), checkpoint());
      }
    }
    long validationStart = System.nanoTime();
    Optional<Validation.Result> result =
        learner.withBestWeights(() -> validation.of(learner.network(), () -> stopping));
    if (result.isEmpty()) {
      return false;
    }
    pace.validated((System.nanoTime() - validationStart) * 1e-9);
    state.seconds = before + (System.nanoTime() - start) * 1e-9;
    endEpoch(result.get());
    return true;
  }

  private void step() {
    long start = System.nanoTime();
    int group = Math.min(options.accumulate(), batches.batchesPerEpoch() - state.batch);
    float scale = learner.lossScale(state.lossScale);
    float rate = rate();
    double loss = 0;
    long slices = 0;
    for (int i = 0; i < group; i++) {
      Batch batch = nextBatch(state.batch + i);
      double batchLoss = learner.addGradients(batch, state.batches + i, scale / group);
      requireSane(batchLoss, rate);
      loss += batchLoss / group;
      state.lossSum += batchLoss * batch.count();
      slices += batch.count();
    }
    if (learner.step(rate, scale)) {
      state.lossScale = LossScale.afterGoodStep(state.lossScale);
    } else {
      state.lossScale = LossScale.afterOverflow(state.lossScale);
      if (LossScale.isExhausted(state.lossScale)) {
        throw diverged("gradients overflow in F16, however small the loss is scaled,", rate);
      }
    }
    state.slices += slices;
    state.batch += group;
    state.batches += group;
    state.steps++;
    state.recentLoss = LossWatch.recent(state.recentLoss, loss);
    pace.stepped(slices, (System.nanoTime() - start) * 1e-9);
    report(loss, rate);
  }

  private Batch nextBatch(int index) {
    Batch batch = batches.next();
    if (batch.epoch() != state.epoch || batch.index() != index) {
      throw new IllegalStateException(
          String.format(
              "batch %d of epoch %d was due, but %d of %d came",
              index, state.epoch, batch.index(), batch.epoch()));
    }
    return batch;
  }

  private float rate() {
    return (float) (schedule.rate(state.steps) * state.rateFactor);
  }

  private void report(double loss, float rate) {
    List<Epoch> history = state.history;
    long stepsLeft =
        (options.epochs() - state.epoch) * (long) stepsPerEpoch() - stepOfEpoch(state.batch);
    listener.stepped(
        new Listener.Step(
            state.epoch + 1,
            options.epochs(),
            stepOfEpoch(state.batch),
            stepsPerEpoch(),
            pace.slicesPerSecond(),
            loss,
            history.isEmpty() ? Double.NaN : history.get(history.size() - 1).validationDice(),
            rate,
            pace.secondsFor(stepsLeft, options.epochs() - state.epoch)));
  }

  private void endEpoch(Validation.Result result) throws IOException {
    float rate = rate();
    if (!data.validation().isEmpty() && !Double.isFinite(result.loss())) {
      throw diverged("the validation loss became " + result.loss(), rate);
    }
    // Without validation there is no telling which epoch is best: the last one is.
    boolean best =
        data.validation().isEmpty()
            || Double.isNaN(state.bestDice)
            || result.dice() > state.bestDice;
    Epoch epoch =
        new Epoch(
            state.epoch + 1,
            state.lossSum / state.slices,
            result.loss(),
            result.dice(),
            rate,
            state.seconds);
    if (plateau != null) {
      plateau.observe(result.loss());
    }
    state.history.add(epoch);
    state.epoch++;
    state.batch = 0;
    state.lossSum = 0;
    state.slices = 0;
    state.seconds = 0;
    if (best) {
      state.bestDice = result.dice();
      state.bestEpoch = epoch.number();
    }
    Checkpoint checkpoint = checkpoint();
    if (best) {
      // The last checkpoint comes last: a kill before it goes back, and finds the best one again.
      save(folder.best(), checkpoint);
      learner.writeModel(folder.model(), data.modelInfo(options, epoch));
    }
    save(folder.last(), checkpoint);
    metrics.add(state.history);
    listener.epochEnded(epoch, best);
  }

  private void requireSane(double loss, float rate) {
    if (!LossWatch.isSane(loss, state.recentLoss)) {
      throw diverged(
          Double.isFinite(loss)
              ? String.format("the loss exploded to %.3g, from about %.3g,", loss, state.recentLoss)
              : "the loss became " + loss,
          rate);
    }
  }

  private DivergedException diverged(String what, float rate) {
    return new DivergedException(
        String.format(
            "%s in epoch %d, step %d of %d, at a learning rate of %.3g",
            what,
            state.epoch + 1,
            Math.min(stepsPerEpoch(), stepOfEpoch(state.batch) + 1),
            stepsPerEpoch(),
            rate));
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
    restore(Checkpoint.read(folder.last()));
    state.timesGoneBack = times;
    state.rateFactor = factor;
    save(folder.last(), checkpoint());
    listener.note(
        String.format(
            "%s. Going back to %s (epoch %d, step %d) with half the rate, %.3g; time %d of %d",
            reason.getMessage(),
            folder.last(),
            state.epoch + 1,
            stepOfEpoch(state.batch),
            rate(),
            times,
            MOST_TIMES_GONE_BACK));
  }

  private Checkpoint checkpoint() {
    state.plateau = plateau == null ? null : plateau.state();
    Checkpoint checkpoint = new Checkpoint(SameRun.describe(options, data));
    checkpoint.json().put(DEVICE, device.description());
    SameRun.put(checkpoint.json(), state);
    learner.putInto(checkpoint);
    return checkpoint;
  }

  private void save(Path path, Checkpoint checkpoint) throws IOException {
    if (!checkpoint.isSound()) {
      throw diverged("weights became infinite or NaN", rate());
    }
    checkpoint.write(path);
    savedAt = System.nanoTime();
  }

  private void restore(Checkpoint checkpoint) throws IOException {
    learner.restoreFrom(checkpoint);
    state = SameRun.state(checkpoint.json(), folder.last());
    if (plateau != null && state.plateau != null) {
      plateau.restore(state.plateau);
    }
    if (state.batch < batches.batchesPerEpoch()) {
      batches.seek(state.epoch, state.batch);
    } else {
      batches.seek(state.epoch + 1L, 0);
    }
  }

  private int stepsPerEpoch() {
    return stepOfEpoch(batches.batchesPerEpoch());
  }

  private int stepOfEpoch(int batch) {
    return (batch + options.accumulate() - 1) / options.accumulate();
  }

  private Outcome outcome(Outcome.End end) {
    String message =
        switch (end) {
          case LAST_EPOCH -> "trained " + state.epoch + " epochs";
          case EARLY_STOPPING ->
              String.format(
                  "stopped after epoch %d: no better Dice in %d epochs",
                  state.epoch, options.earlyStopping());
          case INTERRUPTED ->
              String.format(
                  "stopped in epoch %d, after step %d of %d; everything is saved in %s. Go on with"
                      + " the same command and --resume",
                  state.epoch + 1, stepOfEpoch(state.batch), stepsPerEpoch(), folder.last());
        };
    return new Outcome(
        end,
        new TrainingHistory(state.history),
        state.bestDice,
        state.bestEpoch,
        folder.model(),
        message,
        pace.shareWaited());
  }
}
