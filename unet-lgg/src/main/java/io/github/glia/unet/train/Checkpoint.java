package io.github.glia.unet.train;

import io.github.glia.nn.WeightFile;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A run in one file: tensors in named groups (network, optimizer, average), and JSON beside them.
 * The file is safetensors, written beside its place, synced and renamed: at any moment there is one
 * that loads.
 */
final class Checkpoint {
  private static final String STATE = "glia.run";

  private final Map<String, WeightFile.Array> arrays = new LinkedHashMap<>();
  private final Map<String, Object> json;

  Checkpoint(Map<String, Object> json) {
    this.json = json;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it is not whole, or no checkpoint; the message names it
   */
  static Checkpoint read(Path path) throws IOException {
    WeightFile file = WeightFile.open(path);
    String text = file.metadata().get(STATE);
    if (text == null) {
      throw new IOException(
          path + " holds weights, but is no checkpoint that training can go on from");
    }
    try {
      Checkpoint checkpoint = new Checkpoint(Json.parseObject(text));
      for (String name : file.names()) {
        checkpoint.arrays.put(name, file.read(name));
      }
      return checkpoint;
    } catch (IllegalArgumentException e) {
      throw new IOException(path + " is no checkpoint: " + e.getMessage(), e);
    }
  }

  Map<String, Object> json() {
    return json;
  }

  /** Takes in the values that tensors have now. */
  void put(String group, Map<String, Tensor> tensors) {
    tensors.forEach((name, tensor) -> arrays.put(group + "." + name, Weights.toFile(tensor)));
  }

  /**
   * Gives tensors the values of a group.
   *
   * @throws IOException if it does not hold these, of their sizes: then nothing has changed
   */
  void restore(String group, Map<String, Tensor> tensors) throws IOException {
    List<String> wrong = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          WeightFile.Array array = arrays.get(group + "." + name);
          if (array == null) {
            wrong.add(name + " is missing");
          } else if (!Weights.shapeInMemory(array.shape()).equals(tensor.shape())) {
            wrong.add(name + " is " + Weights.shapeInMemory(array.shape()) + ", not " + tensor);
          }
        });
    long inFile = arrays.keySet().stream().filter(n -> n.startsWith(group + ".")).count();
    if (wrong.isEmpty() && inFile != tensors.size()) {
      wrong.add("it has " + inFile + " arrays where " + tensors.size() + " are expected");
    }
    if (!wrong.isEmpty()) {
      throw new IOException(
          "the checkpoint is of another " + group + ": " + String.join(", ", wrong));
    }
    tensors.forEach(
        (name, tensor) -> tensor.copyFrom(Weights.fromFile(arrays.get(group + "." + name))));
  }

  /** Whether no number is infinite or NaN: what a run can go back to. */
  boolean isSound() {
    for (WeightFile.Array array : arrays.values()) {
      for (float value : array.values()) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
    }
    return true;
  }

  void write(Path path) throws IOException {
    try {
      WeightFile.write(path, arrays, Map.of(STATE, Json.write(json)));
    } catch (IOException e) {
      throw new IOException(
          "could not save "
              + path
              + " ("
              + e.getMessage()
              + "); the file that was saved before it, if any, is whole",
          e);
    }
  }
}
