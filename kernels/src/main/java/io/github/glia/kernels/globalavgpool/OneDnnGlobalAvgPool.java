package io.github.glia.kernels.globalavgpool;

import io.github.glia.kernels.pool.AvgPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.Map;

/** Average pooling by oneDNN with one window as large as the image. */
final class OneDnnGlobalAvgPool implements GlobalAvgPoolPlan {
  private final GlobalAvgPoolArguments arguments;
  private final AvgPool2dPlan pooling;

  OneDnnGlobalAvgPool(Device device, Key key) {
    arguments = new GlobalAvgPoolArguments(device.name(), key);
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
    arguments.forward(x, y);
    pooling.forward(x, y);
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    arguments.backward(dy, dx);
    pooling.backward(dy, dx);
  }

  @Override
  public Map<String, String> implementations() {
    return pooling.implementations();
  }

  /** The pooling is a plan of the cache, which closes it. */
  @Override
  public void close() {}
}
