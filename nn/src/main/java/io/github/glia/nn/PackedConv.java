package io.github.glia.nn;

import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * A convolution for inference: its weights are packed once, with the batch norm after it folded in,
 * and again when one of them has changed.
 *
 * <pre>
 *   γ (w·x + b − mean) / √(variance + ε) + β  =  (s·w)·x + (β + s (b − mean)),   s = γ / √(variance + ε)
 * </pre>
 */
final class PackedConv {
  private final Conv2d conv;
  private final BatchNorm2d norm;
  private final Ready<Planned<Conv2dPlan>> ready = new Ready<>(this::planFor);
  private Scope scope;
  private Conv2dPlan plan;
  private long version;
  private Tensor weights;
  private Tensor bias;

  /** {@code norm}, which may be null, is what follows the convolution. */
  PackedConv(Conv2d conv, BatchNorm2d norm) {
    this.conv = conv;
    this.norm = norm;
  }

  synchronized Tensor forward(Tensor x) {
    Planned<Conv2dPlan> current = ready.of(x);
    if (scope == null || current.plan() != plan || version != sourceVersion()) {
      pack(current.plan());
    }
    Tensor y = Tensor.empty(x.device(), conv.outputType(x), current.output());
    plan.forwardPacked(x, weights, bias, y);
    return y;
  }

  private Planned<Conv2dPlan> planFor(Tensor x) {
    boolean hasRelu = norm == null ? conv.hasRelu() : norm.hasRelu();
    return conv.planFor(x, hasBias(), hasRelu);
  }

  private boolean hasBias() {
    return norm != null || conv.bias() != null;
  }

  synchronized void close() {
    if (scope != null) {
      scope.close();
      scope = null;
    }
  }

  private void pack(Conv2dPlan current) {
    close();
    Tensor w = conv.weight().value();
    try (Scope temporary = Scope.open()) {
      Scope owner = Scope.detached();
      Tensor packed =
          Tensor.empty(w.device(), DType.U8, Shape.of(Math.toIntExact(current.packedBytes())));
      if (norm == null) {
        current.pack(w, packed);
        bias = hasBias() ? conv.bias().value() : null;
      } else {
        float[] scale = scale();
        Tensor scaled = w.emptyLike();
        scaled.copyFrom(scaledWeights(w.toFloats(), scale));
        current.pack(scaled, packed);
        Tensor folded = norm.beta().value().emptyLike();
        folded.copyFrom(foldedBias(scale));
        bias = owner.adopt(folded);
      }
      weights = owner.adopt(packed);
      scope = owner;
      plan = current;
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

  private static float[] scaledWeights(float[] weights, float[] scale) {
    int perOutput = weights.length / scale.length;
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= scale[i / perOutput];
    }
    return weights;
  }

  private float[] foldedBias(float[] scale) {
    float[] folded = norm.beta().value().toFloats();
    float[] mean = norm.mean().value().toFloats();
    float[] own = conv.bias() == null ? new float[mean.length] : conv.bias().value().toFloats();
    for (int i = 0; i < folded.length; i++) {
      folded[i] += scale[i] * (own[i] - mean[i]);
    }
    return folded;
  }

  /** Versions only grow, so their sum is another as soon as one of them is. */
  private long sourceVersion() {
    long sum = conv.weight().value().version();
    if (norm != null) {
      sum += norm.gamma().value().version() + norm.beta().value().version();
      sum += norm.mean().value().version() + norm.variance().value().version();
      sum += conv.bias() == null ? 0 : conv.bias().value().version();
    }
    return sum;
  }
}
