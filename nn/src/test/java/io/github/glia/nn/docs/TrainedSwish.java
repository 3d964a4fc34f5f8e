package io.github.glia.nn.docs;

import io.github.glia.kernels.activation.Activation;
import io.github.glia.kernels.activation.ActivationPlan;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.kernels.elementwise.ScalePlan;
import io.github.glia.kernels.reduce.ReducePlan;
import io.github.glia.kernels.reduce.Reduction;
import io.github.glia.nn.Initializer;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Parameter;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Swish with a learned β:
 *
 * <pre>
 *   s  = σ(β·x)
 *   y  = x · s
 *   g  = dy · x · s · (1 − s)     the gradient of β·x
 *   dx = dy · s + β · g
 *   dβ = Σ x · g
 * </pre>
 */
final class TrainedSwish extends Layer {
  private final Parameter beta = learned("beta", Shape.of(1), Initializer.constant(1));

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    Device device = x.device();
    Tensor s = x.emptyLike();
    Tensor y = x.emptyLike();
    scale(x).forward(x, beta.value().item(), s);
    sigmoid(x).forward(s, s);
    multiply(x).forward(x, s, y);
    if (tape.isTraining()) {
      tape.record(y, dy -> backward(tape, device, x, s, dy), x);
    } else {
      s.close();
    }
    return y;
  }

  private void backward(Tape tape, Device device, Tensor x, Tensor s, Tensor dy) {
    Tensor dx = x.emptyLike();
    Tensor g = x.emptyLike();
    multiply(x).backward(x, s, dy, dx, g); // dx = dy · s, g = dy · x
    sigmoid(x).backward(s, g, g);
    multiply(x).forward(x, g, s); // s is of no more use: it holds x · g now
    Tensor dBeta = beta.newGradient();
    ReducePlan.on(device, new ReducePlan.Key(x.shape(), x.dtype(), Reduction.SUM))
        .forward(s, dBeta);
    beta.add(dBeta);
    scale(x).forward(g, beta.value().item(), g);
    AddPlan.on(device, new AddPlan.Key(x.shape(), x.dtype())).forward(dx, g, dx);
    tape.add(x, dx);
    g.close();
    s.close();
  }

  private static ScalePlan scale(Tensor x) {
    return ScalePlan.on(x.device(), new ScalePlan.Key(x.shape(), x.dtype()));
  }

  private static MultiplyPlan multiply(Tensor x) {
    return MultiplyPlan.on(x.device(), new MultiplyPlan.Key(x.shape(), x.dtype()));
  }

  private static ActivationPlan sigmoid(Tensor x) {
    return ActivationPlan.on(
        x.device(), new ActivationPlan.Key(x.shape(), x.dtype(), Activation.SIGMOID));
  }
}
