package io.github.glia.nn;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** One case of a file of goldens: its arrays, its settings, and where it runs. */
record GoldenCase(WeightFile file, String prefix, Map<?, ?> settings, Device device) {
  /** As the project's goal has it: relative error in the L2 norm, in F32. */
  private static final double TOLERANCE = 1e-5;

  boolean has(String name) {
    return file.has(prefix + name);
  }

  WeightFile.Array array(String name) {
    try {
      return file.read(prefix + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Tensor tensor(String name) {
    WeightFile.Array array = array(name);
    return Tensor.of(device, Weights.shapeInMemory(array.shape()), Weights.fromFile(array));
  }

  void set(Parameter parameter, String name) {
    parameter.value().copyFrom(Weights.fromFile(array(name)));
  }

  int[] pair(String name) {
    List<?> values = (List<?>) settings.get(name);
    return new int[] {((Double) values.get(0)).intValue(), ((Double) values.get(1)).intValue()};
  }

  float number(String name, double otherwise) {
    return settings.get(name) instanceof Double value ? value.floatValue() : (float) otherwise;
  }

  boolean flag(String name) {
    return Boolean.TRUE.equals(settings.get(name));
  }

  void compare(String name, Tensor actual) {
    compare(name, array(name).values(), Weights.toFile(actual).values());
  }

  void compare(String name, float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      throw new AssertionError(
          prefix + name + ": expected " + expected.length + " values, were " + actual.length);
    }
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = (double) actual[i] - expected[i];
      error += difference * difference;
      norm += (double) expected[i] * expected[i];
    }
    double relative = Math.sqrt(error / norm);
    if (!(error == 0 || relative <= TOLERANCE)) {
      throw new AssertionError(
          prefix
              + name
              + " "
              + settings
              + ": relative error "
              + relative
              + " is above "
              + TOLERANCE);
    }
  }
}
