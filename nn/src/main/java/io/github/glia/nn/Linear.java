package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** A linear map of the last dimension: {@link LinearPlan} says what it computes. */
public final class Linear extends Layer {
  private final int inFeatures;
  private final int outFeatures;
  private final Parameter weight;
  private final Parameter bias;

  public Linear(int inFeatures, int outFeatures) {
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    LinearShape sizes = new LinearShape(1, inFeatures, outFeatures);
    weight = learned("weight", sizes.weights(), Initializer.kaimingUniform());
    bias = learned("bias", sizes.bias(), Initializer.uniformBias(inFeatures));
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    LinearShape shape = shapeFor(x.shape());
    LinearPlan plan = LinearPlan.on(x.device(), new LinearPlan.Key(shape, x.dtype(), true));
    Tensor y = Tensor.empty(x.device(), x.dtype(), x.shape().with(-1, outFeatures));
    try (Scope views = Scope.open()) {
      plan.forward(
          x.reshape(shape.input()), weight.value(), bias.value(), y.reshape(shape.output()));
    }
    tape.record(y, dy -> backward(tape, plan, shape, x, dy), x);
    return y;
  }

  private void backward(Tape tape, LinearPlan plan, LinearShape shape, Tensor x, Tensor dy) {
    Tensor dw = weight.newGradient();
    Tensor db = bias.newGradient();
    Tensor dx = tape.wants(x) ? x.emptyLike() : null;
    try (Scope views = Scope.open()) {
      Tensor dyRows = dy.reshape(shape.output());
      plan.backwardWeights(x.reshape(shape.input()), dyRows, dw, db);
      if (dx != null) {
        plan.backwardData(dyRows, weight.value(), dx.reshape(shape.input()));
      }
    }
    weight.add(dw);
    bias.add(db);
    if (dx != null) {
      tape.add(x, dx);
    }
  }

  @Override
  protected long flops(Shape x) {
    return shapeFor(x).flops();
  }

  private LinearShape shapeFor(Shape x) {
    if (x.size(-1) != inFeatures) {
      throw Check.failed(
          name(), "the last size of the input must be " + inFeatures + ", but it is " + x);
    }
    return new LinearShape(Math.toIntExact(x.count() / inFeatures), inFeatures, outFeatures);
  }

  @Override
  public String name() {
    return "Linear " + inFeatures + "→" + outFeatures;
  }
}
