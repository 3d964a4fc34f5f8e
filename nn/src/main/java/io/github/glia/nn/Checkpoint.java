package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * All that training needs to go on where it stopped, in one {@link WeightFile safetensors file}:
 * the network's parameters and statistics, the optimizer's tensors and number of steps, the moving
 * average if there is one, and notes of the caller's, such as the epoch.
 *
 * <p>Training that goes on from a checkpoint gives the same bits as training that never stopped,
 * given the same data: take {@link Tape#training Tape.training(seed, optimizer.steps())}.
 */
public final class Checkpoint {
  private static final String OURS = "glia.";
  private static final String FORMAT = OURS + "checkpoint";
  private static final String FORMAT_VERSION = "1";
  private static final String STEPS = OURS + "optimizer.steps";

  private final Layer network;
  private final Optimizer optimizer;
  private final MovingAverage average;

  /** Of an initialized network and its optimizer. */
  public Checkpoint(Layer network, Optimizer optimizer) {
    this(network, optimizer, null);
  }

  /** The same with a moving average, which may be null. */
  public Checkpoint(Layer network, Optimizer optimizer, MovingAverage average) {
    this.network = Check.present("checkpoint", "the network", network);
    this.optimizer = Check.present("checkpoint", "the optimizer", optimizer);
    this.average = average;
  }

  /**
   * Saves everything; at any moment there is the old file or the new one, whole.
   *
   * @param notes of the caller's, under any names but those that begin with {@code glia.}
   */
  public void save(Path path, Map<String, String> notes) throws IOException {
    Check.present("checkpoint", "the path", path);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(FORMAT, FORMAT_VERSION);
    metadata.put(STEPS, Long.toString(optimizer.steps()));
    Check.present("checkpoint", "the map of notes", notes)
        .forEach(
            (name, note) -> {
              if (Check.present("checkpoint", "the name of a note", name).startsWith(OURS)) {
                throw Check.failed(
                    "checkpoint", "the note " + name + " begins with " + OURS + ": rename it");
              }
              metadata.put(name, Check.present("checkpoint", "the note " + name, note));
            });
    Map<String, Tensor> tensors = tensors();
    Map<String, int[]> shapes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, Weights.toFileShape(tensor.shape())));
    WeightFile.write(path, shapes, name -> Weights.toFile(tensors.get(name)).values(), metadata);
  }

  /**
   * The first tensor that holds a number that is infinite or NaN. To be asked before {@link #save}:
   * training that has diverged had better go back to the last checkpoint than replace it.
   */
  public Optional<String> notFinite() {
    return tensors().entrySet().stream()
        .filter(entry -> !isFinite(entry.getValue().toFloats()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes everything from a file, and returns the notes; on any error all is as it was.
   *
   * @throws IOException if the file cannot be read, is no checkpoint, or is of another network or
   *     optimizer: the message lists what is missing, what is unexpected and what has another shape
   */
  public Map<String, String> restore(Path path) throws IOException {
    WeightFile file = open(path);
    long steps = steps(file, path);
    Weights.fill(tensors(), file, path);
    optimizer.resumeAfter(steps);
    return notes(file);
  }

  /** The notes alone, which may say what network to build before the rest can be restored. */
  public static Map<String, String> notes(Path path) throws IOException {
    return notes(open(path));
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network.state().forEach((name, p) -> tensors.put("network." + name, p.value()));
    optimizer.state().forEach((name, tensor) -> tensors.put("optimizer." + name, tensor));
    if (average != null) {
      average.state().forEach((name, tensor) -> tensors.put("average." + name, tensor));
    }
    return tensors;
  }

  private static WeightFile open(Path path) throws IOException {
    WeightFile file = WeightFile.open(Check.present("checkpoint", "the path", path));
    String version = file.metadata().get(FORMAT);
    if (version == null) {
      throw new IOException(
          path + " is not a checkpoint of training: load weights alone with Weights.load");
    }
    if (!version.equals(FORMAT_VERSION)) {
      throw new IOException(
          path + " is a checkpoint in format " + version + ", expected " + FORMAT_VERSION);
    }
    return file;
  }

  private static long steps(WeightFile file, Path path) throws IOException {
    String steps = file.metadata().get(STEPS);
    if (steps == null || !steps.matches("[0-9]{1,18}")) {
      throw new IOException(path + " is damaged: its number of steps is " + steps);
    }
    return Long.parseLong(steps);
  }

  private static Map<String, String> notes(WeightFile file) {
    Map<String, String> notes = new LinkedHashMap<>(file.metadata());
    notes.keySet().removeIf(name -> name.startsWith(OURS));
    return Collections.unmodifiableMap(notes);
  }
}
