package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * A network that predicts in bytes, where the CPU multiplies them several times as fast as
 * floating-point numbers: the weights of each output channel, and the image between two layers, are
 * whole multiples of a step of their own, which goes from −127 to 127. Steps of images are those of
 * the largest values that some examples have.
 *
 * <pre>{@code
 * try (Quantization bytes = Quantization.of(network, examples)) {
 *   Tensor logits = bytes.predict(x);
 * }
 * }</pre>
 *
 * <p>It is for what is made of {@link ConvNormRelu}, {@link Conv2d}, {@link ConvTranspose2d},
 * {@link MaxPool2d} and {@link Concat}; instance and group norm compute in F32 between bytes. Other
 * layers refuse bytes, unless they come before all of these, or after a {@link Conv2d} whose output
 * type is F32.
 *
 * <p>Changed weights are taken over, but not the ranges of what they compute: quantize again after
 * training.
 */
public final class Quantization implements AutoCloseable {
  private static final String NAME = "quantization";

  private final Layer network;
  private final Map<PackedConv, Range> ranges = new HashMap<>();
  private final Map<QuantizedConv, QuantizedWeights> weights = new HashMap<>();

  private Quantization(Layer network) {
    this.network = network;
  }

  /**
   * Measures what a network computes of examples, and quantizes it.
   *
   * @param examples inputs, floating: a few dozen images that differ as those to come will
   */
  public static Quantization of(Layer network, Tensor... examples) {
    Check.present(NAME, "the network", network);
    if (Check.present(NAME, "the array of examples", examples).length == 0) {
      throw Check.failed(NAME, "there are no examples to measure");
    }
    Quantization quantization = new Quantization(network);
    for (Tensor example : examples) {
      Check.present(NAME, "an example", example);
      Check.quantized(NAME, example.device());
      try (Scope scope = Scope.open()) {
        network.forward(Tape.measuring(quantization), example);
      }
    }
    if (quantization.ranges.isEmpty()) {
      throw Check.failed(NAME, network.name() + " has no convolution that computes in bytes");
    }
    // what they packed in F32 is of no more use
    quantization.ranges.keySet().forEach(PackedConv::close);
    return quantization;
  }

  /**
   * Computes the output, in F32. What is not finite in x is some number in bytes, so it does not
   * show in the output.
   */
  public Tensor predict(Tensor x) {
    Check.present(NAME, "x", x);
    Tape tape = Tape.quantized(this);
    Tensor y = network.forward(tape, x);
    if (y.dtype() != DType.I8) {
      return y;
    }
    float[] steps = tape.steps(y);
    float[] values = y.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= steps[i % steps.length];
    }
    y.close();
    return Tensor.of(x.device(), y.shape(), values);
  }

  void measured(PackedConv convolution, Iterable<Tensor> images, Tensor y) {
    Range range = ranges.computeIfAbsent(convolution, any -> new Range());
    images.forEach(range::read);
    range.wrote(y);
  }

  Range range(PackedConv convolution) {
    Range range = ranges.get(convolution);
    if (range == null) {
      throw new IllegalStateException(
          "a convolution was not used with any example: quantize "
              + network.name()
              + " with examples that all of it computes");
    }
    return range;
  }

  synchronized QuantizedWeights weights(QuantizedConv convolution) {
    return weights.computeIfAbsent(
        convolution, any -> new QuantizedWeights(convolution.isTransposed()));
  }

  @Override
  public synchronized void close() {
    weights.values().forEach(QuantizedWeights::close);
    weights.clear();
  }

  /** What a convolution reads and writes. */
  static final class Range {
    private static final float LARGEST_BYTE = 127;
    private static final float LARGEST_UNSIGNED_BYTE = 255;

    private float least;
    private float most;
    private float largest;

    private void read(Tensor x) {
      for (float value : x.toFloats()) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      requireFinite(least + most);
    }

    private void wrote(Tensor y) {
      for (float value : y.toFloats()) {
        largest = Math.max(largest, Math.abs(value));
      }
      requireFinite(largest);
    }

    private static void requireFinite(float value) {
      if (!Float.isFinite(value)) {
        throw Check.failed(NAME, "of an example the network computes " + value);
      }
    }

    /** Of floating images that are read: unsigned where nothing is negative. */
    DType inputType() {
      return least < 0 ? DType.I8 : DType.U8;
    }

    float inputStep(DType type) {
      return type == DType.I8
          ? step(Math.max(-least, most) / LARGEST_BYTE)
          : step(most / LARGEST_UNSIGNED_BYTE);
    }

    float outputStep() {
      return step(largest / LARGEST_BYTE);
    }

    /** Where all is 0 any step will do. */
    private static float step(float wanted) {
      return wanted > 0 ? wanted : 1;
    }
  }
}
