package io.github.glia.nn;

import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Shape;
import java.util.Arrays;

/**
 * The first values of a parameter. Weights are {@code [outputs, …, inputs]}: a value has {@code fan
 * in} = all but the first size multiplied, and {@code fan out} = all but the last.
 */
public interface Initializer {
  float[] values(Shape shape, Philox random);

  static Initializer constant(float value) {
    return (shape, random) -> {
      float[] values = new float[Math.toIntExact(shape.count())];
      Arrays.fill(values, value);
      return values;
    };
  }

  /** Normal with variance 2 / fan in: keeps the size of activations through ReLUs (He et al.). */
  static Initializer kaimingNormal() {
    return (shape, random) -> normal(shape, random, Math.sqrt(2.0 / fanIn(shape)));
  }

  /** Uniform with variance 2 / fan in. */
  static Initializer kaimingUniform() {
    return (shape, random) -> uniform(shape, random, Math.sqrt(6.0 / fanIn(shape)));
  }

  /** Normal with variance 2 / (fan in + fan out), for layers without ReLU (Glorot and Bengio). */
  static Initializer xavierNormal() {
    return (shape, random) ->
        normal(shape, random, Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape))));
  }

  /** Uniform with variance 2 / (fan in + fan out). */
  static Initializer xavierUniform() {
    return (shape, random) ->
        uniform(shape, random, Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape))));
  }

  /** Uniform between −bound and bound, bound = 1 / √inputs: for biases. */
  static Initializer uniformBias(long inputs) {
    return (shape, random) -> uniform(shape, random, 1 / Math.sqrt((double) inputs));
  }

  private static float[] normal(Shape shape, Philox random, double deviation) {
    float[] values = new float[Math.toIntExact(shape.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static float[] uniform(Shape shape, Philox random, double bound) {
    float[] values = new float[Math.toIntExact(shape.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (bound * (2 * random.nextFloat() - 1));
    }
    return values;
  }

  private static long fanIn(Shape shape) {
    return shape.count() / shape.size(0);
  }

  private static long fanOut(Shape shape) {
    return shape.count() / shape.size(-1);
  }
}
