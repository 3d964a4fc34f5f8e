package io.github.glia.nn;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.PackingPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * A convolution for inference, transposed or not: its weights are packed once, with the batch norm
 * after it folded in, and again when one of them has changed.
 *
 * <pre>
 *   γ (w·x + b − mean) / √(variance + ε) + β  =  (s·w)·x + (β + s (b − mean)),   s = γ / √(variance + ε)
 * </pre>
 */
final class PackedConv {
  private final Parameter weight;
  private final Parameter bias;
  private final BatchNorm2d norm;
  private final int outChannels;
  private Scope scope;
  private Packed packed;
  private long version;

  /** A convolution of an image, transposed or not, whose plan packs weights. */
  interface Source {
    PackingPlan plan();

    /** One image, or two, whose channels follow each other. */
    List<Tensor> images();

    void forwardPacked(Tensor packed, Tensor bias, Tensor y);

    Tensor emptyOutput();
  }

  /** What a plan takes; the bias may be null. */
  record Packed(PackingPlan plan, Tensor weights, Tensor bias) {
    Tensor forward(Source convolution) {
      Tensor y = convolution.emptyOutput();
      convolution.forwardPacked(weights, bias, y);
      return y;
    }
  }

  /**
   * @param bias null where there is none
   * @param norm what follows the convolution, or null
   */
  PackedConv(Parameter weight, Parameter bias, BatchNorm2d norm, int outChannels) {
    this.outChannels = outChannels;
    this.weight = weight;
    this.bias = bias;
    this.norm = norm;
  }

  Tensor forward(Tape tape, Source convolution) {
    Tensor y = forward(tape.held(), convolution);
    if (tape.measured() != null) {
      tape.measured().measured(this, convolution.images(), y);
    }
    return y;
  }

  /** {@code held} is null where no recording needs the packed weights. */
  private Tensor forward(HeldWeights held, Source convolution) {
    Packed found = held == null ? null : held.of(this, convolution.plan());
    return found == null ? ownForward(held, convolution) : found.forward(convolution);
  }

  private Tensor ownForward(HeldWeights held, Source convolution) {
    // Before the lock of this object: who records on a device has that of the device.
    Backend.of(device()).requireNotRecording("packs weights, or predicts on a tape of its own");
    synchronized (this) {
      if (scope == null || convolution.plan() != packed.plan || version != sourceVersion()) {
        device().memory().outsidePools(() -> pack(convolution.plan()));
      }
      if (held != null) {
        held.hold(this, packed);
      }
      return packed.forward(convolution);
    }
  }

  private Device device() {
    return weight.value().device();
  }

  synchronized void close() {
    if (scope != null) {
      scope.close();
      scope = null;
    }
  }

  private void pack(PackingPlan plan) {
    close();
    Tensor w = weight.value();
    try (Scope temporary = Scope.open()) {
      Scope owner = Scope.detached();
      Tensor weights =
          Tensor.empty(w.device(), DType.U8, Shape.of(Math.toIntExact(plan.packedBytes())));
      Tensor ofPlan;
      if (norm == null) {
        plan.pack(w, weights);
        ofPlan = bias == null ? null : bias.value();
      } else {
        Tensor scaled = w.emptyLike();
        scaled.copyFrom(foldedWeights());
        plan.pack(scaled, weights);
        Tensor folded = norm.beta().value().emptyLike();
        folded.copyFrom(foldedBias());
        ofPlan = owner.adopt(folded);
      }
      packed = new Packed(plan, owner.adopt(weights), ofPlan);
      scope = owner;
      version = sourceVersion();
    }
  }

  private float[] scale() {
    float[] scale = norm.gamma().value().toFloats();
    float[] variance = norm.variance().value().toFloats();
    for (int i = 0; i < scale.length; i++) {
      scale[i] = (float) (scale[i] / Math.sqrt((double) variance[i] + norm.epsilon()));
    }
    return scale;
  }

  Parameter weight() {
    return weight;
  }

  /** The weights as they are with the norm folded in. */
  float[] foldedWeights() {
    float[] weights = weight.value().toFloats();
    return norm == null ? weights : scaled(weights, scale());
  }

  private static float[] scaled(float[] weights, float[] scale) {
    int perOutput = weights.length / scale.length;
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= scale[i / perOutput];
    }
    return weights;
  }

  /** The same of the bias, which is 0 where there is none. */
  float[] foldedBias() {
    float[] own = bias == null ? new float[outChannels] : bias.value().toFloats();
    if (norm == null) {
      return own;
    }
    float[] scale = scale();
    float[] folded = norm.beta().value().toFloats();
    float[] mean = norm.mean().value().toFloats();
    for (int i = 0; i < folded.length; i++) {
      folded[i] += scale[i] * (own[i] - mean[i]);
    }
    return folded;
  }

  /** Versions only grow, so their sum is another as soon as one of them is. */
  long sourceVersion() {
    long sum = weight.value().version();
    if (norm != null) {
      sum += norm.gamma().value().version() + norm.beta().value().version();
      sum += norm.mean().value().version() + norm.variance().value().version();
      sum += bias == null ? 0 : bias.value().version();
    }
    return sum;
  }
}
