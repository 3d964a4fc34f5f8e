package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.QuantizedPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;

/**
 * The weights of a convolution in bytes, with the batch norm after it folded in. With s the step of
 * each input channel, u that of the output, and for each output channel o
 *
 * <pre>
 *   t[o] = max(|w[o]| · s) / 127        q[o] = w[o] · s / t[o], rounded
 *   y    = (Σ x · q[o]) · t[o]/u + b[o]/u
 * </pre>
 *
 * since what is summed, x·s · w, is x · q · t: so the channels of an input may have steps of their
 * own.
 */
final class QuantizedWeights {
  private static final float LARGEST_BYTE = 127;

  private final boolean transposed;
  private QuantizedPlan plan;
  private long version;
  private float[] steps;
  private float outputStep;
  private Scope scope;
  private Tensor packed;
  private Tensor scale;
  private Tensor bias;

  /**
   * @param transposed whether the weights are {@code [in, …, out]}, and not {@code [out, …, in]}
   */
  QuantizedWeights(boolean transposed) {
    this.transposed = transposed;
  }

  /**
   * @param inputSteps of the channels of x
   */
  synchronized void forward(
      QuantizedPlan wanted,
      PackedConv source,
      float[] inputSteps,
      float outputStep,
      Tensor x,
      Tensor y) {
    long now = source.sourceVersion();
    boolean ready =
        plan == wanted
            && version == now
            && this.outputStep == outputStep
            && Arrays.equals(steps, inputSteps);
    if (!ready) {
      this.outputStep = outputStep;
      steps = inputSteps;
      pack(wanted, source);
      version = now;
      plan = wanted;
    }
    wanted.forward(x, packed, scale, bias, y);
  }

  private void pack(QuantizedPlan wanted, PackedConv source) {
    close();
    Tensor w = source.weight().value();
    float[] weights = source.foldedWeights();
    float[] ofOutput = source.foldedBias();
    float[] largest = new float[ofOutput.length];
    Places places = new Places(w.shape());
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= steps[places.input(i)];
      int o = places.output(i);
      largest[o] = Math.max(largest[o], Math.abs(weights[i]));
    }
    for (int i = 0; i < weights.length; i++) {
      float step = largest[places.output(i)] / LARGEST_BYTE;
      weights[i] = step > 0 ? (float) Math.rint(weights[i] / step) : 0;
    }
    for (int o = 0; o < largest.length; o++) {
      requireFinite(largest[o] + ofOutput[o]);
      largest[o] /= LARGEST_BYTE * outputStep;
      ofOutput[o] /= outputStep;
    }
    scope = Scope.detached();
    try (Scope temporary = Scope.open()) {
      Tensor bytes = Tensor.of(w.device(), w.shape(), weights);
      int size = Math.toIntExact(wanted.packedBytes());
      packed = scope.adopt(Tensor.empty(w.device(), DType.U8, Shape.of(size)));
      wanted.pack(bytes, packed);
      scale = scope.adopt(Tensor.of(w.device(), Shape.of(largest.length), largest));
      bias = scope.adopt(Tensor.of(w.device(), Shape.of(ofOutput.length), ofOutput));
    }
  }

  /** Bytes would hide it. */
  private static void requireFinite(float value) {
    if (!Float.isFinite(value)) {
      throw Check.failed(
          "quantization", "a weight, bias or statistic of a convolution has become " + value);
    }
  }

  synchronized void close() {
    plan = null;
    if (scope != null) {
      scope.close();
      scope = null;
    }
  }

  /** The channels that a weight is of. */
  private final class Places {
    private final int first;
    private final int last;
    private final int weightsOfFirst;
    private final int outputsOfGroup;

    Places(Shape w) {
      first = w.size(0);
      last = w.size(-1);
      weightsOfFirst = (int) (w.count() / first);
      int groups = transposed ? 1 : steps.length / last;
      outputsOfGroup = first / groups;
    }

    int output(int i) {
      return transposed ? i % last : i / weightsOfFirst;
    }

    int input(int i) {
      int ofFirst = i / weightsOfFirst;
      return transposed ? ofFirst : ofFirst / outputsOfGroup * last + i % last;
    }
  }
}
