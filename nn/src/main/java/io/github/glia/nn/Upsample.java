package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.kernels.upsample.UpsamplePlan;
import io.github.glia.kernels.upsample.UpsampleShape;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Makes images larger: {@link UpsamplePlan} says what it computes. */
public final class Upsample extends Layer {
  private final int scaleHeight;
  private final int scaleWidth;
  private final Interpolation interpolation;
  private final Ready<Planned<UpsamplePlan>> ready = new Ready<>(this::planFor);

  public Upsample(int scale, Interpolation interpolation) {
    this(scale, scale, interpolation);
  }

  public Upsample(int scaleHeight, int scaleWidth, Interpolation interpolation) {
    Check.atLeast("upsample", "scale height", scaleHeight, 1);
    Check.atLeast("upsample", "scale width", scaleWidth, 1);
    if (interpolation == null) {
      throw Check.failed("upsample", "interpolation is null");
    }
    this.scaleHeight = scaleHeight;
    this.scaleWidth = scaleWidth;
    this.interpolation = interpolation;
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    UpsamplePlan plan = ready.of(x).plan();
    Tensor y = Tensor.empty(x.device(), x.dtype(), ready.of(x).output());
    plan.forward(x, y);
    if (tape.wants(x)) {
      tape.record(
          y,
          dy -> {
            Tensor dx = x.emptyLike();
            plan.backward(dy, dx);
            tape.add(x, dx);
          });
    }
    return y;
  }

  private Planned<UpsamplePlan> planFor(Tensor x) {
    requireImages(x);
    Shape s = x.shape();
    UpsampleShape shape =
        new UpsampleShape(s.size(0), s.size(1), s.size(2), s.size(3), scaleHeight, scaleWidth);
    UpsamplePlan.Key key = new UpsamplePlan.Key(shape, interpolation, x.dtype());
    return new Planned<>(UpsamplePlan.on(x.device(), key), shape.output());
  }

  @Override
  public String name() {
    return String.format("Upsample %d×%d %s", scaleHeight, scaleWidth, interpolation);
  }
}
