package io.github.glia.nn.lessons;

import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.nn.Activate;
import io.github.glia.nn.GradientCheck;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Scale;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Locale;

/** A wrong gradient is found by differences, if the function has no kink there. */
public final class CheckingGradients {
  private CheckingGradients() {}

  /** y = x², whose gradient is dy · x times this factor. */
  private static final class Square extends Layer {
    private final float factor;

    Square(float factor) {
      this.factor = factor;
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      MultiplyPlan product =
          MultiplyPlan.on(x.device(), new MultiplyPlan.Key(x.shape(), x.dtype()));
      Tensor y = x.emptyLike();
      product.forward(x, x, y);
      tape.record(
          y,
          dy -> {
            Tensor dx = x.emptyLike();
            product.forward(dy, x, dx);
            tape.add(x, Scale.forward(Tape.inference(), dx, factor));
            dx.close();
          },
          x);
      return y;
    }
  }

  public static void main(String[] args) {
    check("wrong, dx = dy · x", new Square(1), 0.5f, -1, 2, 3);
    check("right, dx = 2 · dy · x", new Square(2), 0.5f, -1, 2, 3);
    check("ReLU far from 0", Activate.relu(), 0.5f, -1, 2, 3);
    check("ReLU near 0", Activate.relu(), 0.001f, -0.001f, 0.002f, 0.003f);
  }

  private static void check(String what, Layer layer, float... x) {
    Device device = Device.cpu();
    try (Scope scope = Scope.open()) {
      GradientCheck.Result result =
          GradientCheck.run(layer, Tensor.of(device, Shape.of(x.length), x)).get(0);
      System.out.printf(
          Locale.ROOT,
          "%-23s differences %7.3f, backward %7.3f: %s%n",
          what,
          result.numeric(),
          result.analytic(),
          result.error() <= 1e-2 ? "right" : "wrong");
    }
  }
}
