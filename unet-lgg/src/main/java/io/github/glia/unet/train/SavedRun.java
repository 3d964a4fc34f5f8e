package io.github.glia.unet.train;

import io.github.glia.nn.Checkpoint;
import io.github.glia.tensor.Device;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A run in {@link Checkpoint files}: the tensors of the learner, and in a note what the run is of
 * and where it is.
 */
final class SavedRun {
  private static final String NOTE = "run";
  private static final String DEVICE = "device";

  private final TrainOptions options;
  private final TrainingData data;
  private final RunFolder folder;
  private final Device device;

  SavedRun(TrainOptions options, TrainingData data, RunFolder folder, Device device) {
    this.options = options;
    this.data = data;
    this.folder = folder;
    this.device = device;
  }

  /**
   * Refuses to go on with what another run left.
   *
   * @return the device that it ran on
   */
  String requireSameRun() throws IOException {
    Map<String, Object> note = note();
    SameRun.check(note, options, data, folder.last());
    return String.valueOf(note.get(DEVICE));
  }

  void saveLast(Learner learner, RunState state) throws IOException {
    save(folder.last(), learner, state);
  }

  void saveBest(Learner learner, RunState state) throws IOException {
    save(folder.best(), learner, state);
  }

  /** The tensor that is infinite or NaN, if one is: such a run is not to be saved. */
  Optional<String> notFinite(Learner learner) {
    return learner.checkpoint().notFinite();
  }

  private void save(Path path, Learner learner, RunState state) throws IOException {
    Map<String, Object> note = SameRun.describe(options, data);
    note.put(DEVICE, device.description());
    SameRun.put(note, state);
    try {
      learner.checkpoint().save(path, Map.of(NOTE, Json.write(note)));
    } catch (IOException e) {
      throw new IOException(
          e.getMessage()
              + ". The checkpoint that was saved before it is whole: make room, then go on with "
              + folder.howToGoOn(),
          e);
    }
  }

  /** Gives the learner what it had when the run was saved last. */
  RunState restoreLast(Learner learner) throws IOException {
    RunState state = SameRun.state(note(), folder.last());
    learner.checkpoint().restore(folder.last());
    learner.forgetGradients();
    return state;
  }

  private Map<String, Object> note() throws IOException {
    String text = Checkpoint.notes(folder.last()).get(NOTE);
    if (text == null) {
      throw new IOException(folder.last() + " is a checkpoint, but of no run of train");
    }
    try {
      return Json.parseObject(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(folder.last() + " is no checkpoint: " + e.getMessage(), e);
    }
  }
}
