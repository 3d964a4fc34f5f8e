package io.github.glia.kernels.globalavgpool;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.pool.AvgPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Map;

/** Average pooling by oneDNN with one window as large as the image. */
final class OneDnnGlobalAvgPool implements GlobalAvgPoolPlan {
  private final Key key;
  private final AvgPool2dPlan pooling;

  OneDnnGlobalAvgPool(Device device, Key key) {
    this.key = key;
    GlobalAvgPoolShape s = key.shape();
    pooling =
        AvgPool2dPlan.on(
            device,
            new AvgPool2dPlan.Key(
                Pool2dShape.wholeImage(s.batch(), s.height(), s.width(), s.channels()),
                key.type(),
                true));
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x, key.shape().input());
    check("forward", "y", y, key.shape().output());
    pooling.forward(x, y);
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, key.shape().output());
    check("backward", "dx", dx, key.shape().input());
    pooling.backward(dy, dx);
  }

  @Override
  public Map<String, String> implementations() {
    return pooling.implementations();
  }

  /** The pooling is a plan of the cache, which closes it. */
  @Override
  public void close() {}

  private void check(String direction, String argument, Tensor t, Shape shape) {
    Check.tensor("globalavgpool " + direction, argument, t, "cpu", key.type(), shape);
  }
}
