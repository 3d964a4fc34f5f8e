package io.github.glia.nn;

import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Networks to and from {@link WeightFile safetensors files}, in PyTorch's names and layouts: arrays
 * with four dimensions are {@code [out, in, height, width]} there and {@code [out, height, width,
 * in]} in memory (transposed convolutions {@code [in, out, height, width]} and {@code [in, height,
 * width, out]}).
 */
public final class Weights {
  private static final String COUNT_OF_BATCHES = ".num_batches_tracked";

  private Weights() {}

  /** Saves everything in {@link Layer#state}. */
  public static void save(Layer network, Path path) throws IOException {
    save(network, path, Map.of());
  }

  /** The same, with notes of the caller's. */
  public static void save(Layer network, Path path, Map<String, String> metadata)
      throws IOException {
    requireNetwork(network);
    Map<String, Parameter> state = network.state();
    Map<String, int[]> shapes = new LinkedHashMap<>();
    state.forEach((name, parameter) -> shapes.put(name, toFileShape(parameter.value().shape())));
    WeightFile.write(path, shapes, name -> toFile(state.get(name).value()).values(), metadata);
  }

  /**
   * Loads everything in {@link Layer#state}; other arrays in the file are an error, except the
   * {@code num_batches_tracked} of PyTorch's batch norms, which nothing here uses. All is read
   * before the first weight changes, so on any error the network is as it was.
   *
   * @throws IOException if the file cannot be read, or is of another architecture: the message
   *     lists what is missing, what is unexpected and what has another shape
   */
  public static void load(Layer network, Path path) throws IOException {
    requireNetwork(network);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network.state().forEach((name, parameter) -> tensors.put(name, parameter.value()));
    fill(tensors, WeightFile.open(path), path);
  }

  /** Fills all of these tensors with all arrays of a file, or on an error none. */
  static void fill(Map<String, Tensor> tensors, WeightFile file, Path path) throws IOException {
    requireSameArchitecture(tensors, file, path);
    replace(tensors, file::read);
  }

  /** Where values come from. */
  interface Source {
    WeightFile.Array read(String name) throws IOException;
  }

  /** Replaces the values of all tensors, or where one cannot be read of none. */
  static void replace(Map<String, Tensor> tensors, Source source) throws IOException {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (String name : tensors.keySet()) {
      values.put(name, fromFile(source.read(name)));
    }
    tensors.forEach((name, tensor) -> tensor.copyFrom(values.get(name)));
  }

  /** A tensor as a file has it. */
  public static WeightFile.Array toFile(Tensor tensor) {
    int[] shape = tensor.shape().toArray();
    float[] values = tensor.toFloats();
    if (shape.length != 4) {
      return new WeightFile.Array(shape, values);
    }
    return new WeightFile.Array(
        toFileShape(tensor.shape()), moveAxis(values, shape[0], shape[1] * shape[2], shape[3]));
  }

  /** The elements of a file's array in the order that a tensor has them. */
  public static float[] fromFile(WeightFile.Array array) {
    int[] shape = array.shape();
    return shape.length == 4
        ? moveAxis(array.values(), shape[0], shape[1], shape[2] * shape[3])
        : array.values();
  }

  /** The shape of a tensor that a file's array fills. */
  public static Shape shapeInMemory(int[] shape) {
    return switch (shape.length) {
      case 0 -> Shape.of(1);
      case 4 -> Shape.of(shape[0], shape[2], shape[3], shape[1]);
      default -> Shape.of(shape);
    };
  }

  /** {@code [n, rows, columns]} to {@code [n, columns, rows]}. */
  private static float[] moveAxis(float[] values, int n, int rows, int columns) {
    float[] moved = new float[values.length];
    for (int i = 0; i < n; i++) {
      int start = i * rows * columns;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          moved[start + c * rows + r] = values[start + r * columns + c];
        }
      }
    }
    return moved;
  }

  private static void requireSameArchitecture(Map<String, Tensor> state, WeightFile file, Path path)
      throws IOException {
    List<String> differences = new ArrayList<>();
    list(
        differences,
        "missing in the file",
        state.keySet().stream().filter(n -> !file.has(n)).toList());
    list(
        differences,
        "in the file but not in the network",
        file.names().stream()
            .filter(name -> !state.containsKey(name) && !name.endsWith(COUNT_OF_BATCHES))
            .toList());
    list(
        differences,
        "of another shape",
        state.entrySet().stream()
            .filter(e -> file.has(e.getKey()))
            .filter(e -> !fits(e.getValue(), file.shape(e.getKey())))
            .map(
                e ->
                    String.format(
                        "%s (the network has %s, the file %s)",
                        e.getKey(),
                        Arrays.toString(toFileShape(e.getValue().shape())),
                        Arrays.toString(file.shape(e.getKey()))))
            .toList());
    if (!differences.isEmpty()) {
      throw new IOException(
          path
              + " is of another architecture than this network:"
              + differences.stream()
                  .map(line -> System.lineSeparator() + "  " + line)
                  .collect(Collectors.joining()));
    }
  }

  private static boolean fits(Tensor tensor, int[] fileShape) {
    return Arrays.equals(toFileShape(tensor.shape()), fileShape);
  }

  static int[] toFileShape(Shape shape) {
    int[] s = shape.toArray();
    return s.length == 4 ? new int[] {s[0], s[3], s[1], s[2]} : s;
  }

  private static void requireNetwork(Layer network) {
    if (network == null) {
      throw new IllegalArgumentException("the network of a weight file is null");
    }
  }

  private static void list(List<String> differences, String what, List<String> names) {
    if (!names.isEmpty()) {
      differences.add(what + ": " + String.join(", ", names));
    }
  }
}
