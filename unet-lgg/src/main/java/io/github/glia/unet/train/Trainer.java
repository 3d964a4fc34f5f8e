package io.github.glia.unet.train;

import io.github.glia.tensor.Device;
import io.github.glia.unet.data.Augmentation;
import io.github.glia.unet.data.Batches;
import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Sampling;
import io.github.glia.unet.data.Split;
import io.github.glia.unet.evaluate.TrainingHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Trains a U-Net, epoch by epoch, and keeps in a folder all that is needed to go on: {@code
 * last.safetensors} and {@code best.safetensors} are whole runs, {@code model.safetensors} is the
 * network of the selected epoch, {@code config.json} says how it was made, {@code metrics.csv} and
 * {@code tensorboard} how it went. The loop itself is in {@link TrainingLoop}.
 */
public final class Trainer {
  private final TrainOptions options;
  private final TrainingData data;
  private final RunFolder folder;
  private final Listener listener;
  private final Device device;
  private volatile boolean stopping;

  /**
   * A training that {@link #run} starts.
   *
   * @param out where its files are
   * @throws IllegalArgumentException if options contradict the device or the data
   */
  public Trainer(TrainOptions options, DataSet data, Split split, Path out, Listener listener)
      throws IOException {
    device = DeviceFlag.of(options.run().device());
    this.options = resolved(options, device);
    this.data = new TrainingData(data, split, options);
    this.listener = listener;
    folder = new RunFolder(out);
  }

  /**
   * Refuses, before any data is read, what cannot be trained: a device that is not there or does
   * not compute in the precision, a folder that cannot be written to or holds another run.
   */
  public static void checkBeforehand(TrainOptions options, Path out) throws IOException {
    resolved(options, DeviceFlag.of(options.run().device()));
    RunFolder.requirePossible(out);
    requireRoomFor(options, out);
  }

  /** The options with device, precision and threads as they are here. */
  private static TrainOptions resolved(TrainOptions options, Device device) {
    Precision precision = options.run().precision().forTrainingOn(device);
    return options.with(
        Map.of(
            "device",
            device.name(),
            "precision",
            Flags.text(precision),
            "threads",
            options
                .run()
                .threads(device == Device.cpu(), Runtime.getRuntime().availableProcessors())));
  }

  private static void requireRoomFor(TrainOptions options, Path out) {
    if (Files.exists(RunFolder.last(out)) && !options.run().resume()) {
      throw new IllegalArgumentException(
          out + " holds a training already: go on with it by --resume, or choose another --out");
    }
  }

  /** What is trained by, with device, precision and threads as they are here. */
  public TrainOptions options() {
    return options;
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
    requireRoomFor(options, folder.path());
    folder.removeHalfWritten();
    SavedRun saved = new SavedRun(options, data, folder, device);
    boolean goesOn = Files.exists(folder.last());
    if (goesOn) {
      noteOtherDevice(saved.requireSameRun());
    } else if (options.run().resume()) {
      listener.note("there is no checkpoint in " + folder.path() + " yet: starting from scratch");
    }
    try (Learner learner = new Learner(options, data.channels(), device);
        Batches batches = newBatches()) {
      RunState state = goesOn ? saved.restoreLast(learner) : RunState.start();
      if (goesOn) {
        listener.note(
            String.format(
                "going on after epoch %d, batch %d of %d",
                state.epoch, state.batch, batches.batchesPerEpoch()));
      }
      folder.writeConfig(options.with("resume", false));
      saved.saveLast(learner, state);
      return train(learner, batches, saved, state);
    }
  }

  private Outcome train(Learner learner, Batches batches, SavedRun saved, RunState state)
      throws IOException {
    try (Metrics metrics = new Metrics(folder.path(), state.startedAt, state.history)) {
      Validation validation =
          new Validation(
              data.validation(),
              learner.objective(),
              learner.type(),
              device,
              options.learning().batchSize(),
              options.run().threads());
      EpochEnd epochEnd = new EpochEnd(options, data, folder, saved, metrics, listener);
      TrainingLoop loop =
          new TrainingLoop(
              options,
              learner,
              batches,
              validation,
              epochEnd,
              saved,
              folder,
              listener,
              () -> stopping,
              state);
      Outcome.End end = loop.run();
      return outcome(end, loop);
    }
  }

  private Batches newBatches() {
    return new Batches(
        data.train(),
        Sampling.parse(options.data().sample()),
        Augmentation.parse(options.data().augment()),
        options.learning().batchSize(),
        options.data().patch(),
        options.run().seed(),
        options.run().threads());
  }

  private void noteOtherDevice(String before) {
    if (options.run().deterministic() && !device.description().equals(before)) {
      listener.note(
          String.format(
              "--deterministic: this run began on another device (%s), and this one (%s) may round"
                  + " sums differently",
              before, device.description()));
    }
  }

  private Outcome outcome(Outcome.End end, TrainingLoop loop) {
    RunState state = loop.state();
    EpochLength length = loop.length();
    String message =
        switch (end) {
          case LAST_EPOCH -> "trained " + state.epoch + " epochs";
          case EARLY_STOPPING ->
              String.format(
                  "stopped after epoch %d: no better Dice in %d epochs",
                  state.epoch, options.learning().earlyStopping());
          case INTERRUPTED ->
              String.format(
                  "stopped in epoch %d, after step %d of %d; everything is saved in %s. Go on with"
                      + " %s",
                  state.epoch + 1,
                  length.stepsUntil(state.batch),
                  length.steps(),
                  folder.last(),
                  folder.howToGoOn());
        };
    return new Outcome(
        end,
        new TrainingHistory(state.history),
        state.modelEpoch,
        state.modelEpoch == 0
            ? Double.NaN
            : state.history.get(state.modelEpoch - 1).validationDice(),
        folder.model(),
        message,
        loop.pace().shareWaited());
  }
}
