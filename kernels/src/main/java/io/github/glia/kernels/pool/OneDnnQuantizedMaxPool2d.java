package io.github.glia.kernels.pool;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;

/** Max pooling of bytes by oneDNN: they are all finite, and have no gradient. */
final class OneDnnQuantizedMaxPool2d extends OneDnnPool2d implements MaxPool2dPlan {
  private final Key key;
  private final Shape xShape;
  private final Shape yShape;
  private Primitive inference;

  OneDnnQuantizedMaxPool2d(CpuBackend cpu, Key key) {
    super(cpu, "maxpool2d " + key, algorithm.pooling_max, key.shape(), key.type());
    this.key = key;
    xShape = key.shape().input();
    yShape = key.shape().output();
  }

  @Override
  public Shape indices() {
    throw noGradient();
  }

  @Override
  public void forward(Tensor x, Tensor y, Tensor indices) {
    Check.tensor("maxpool2d", "forward", "x", x, "cpu", key.type(), xShape);
    Check.tensor("maxpool2d", "forward", "y", y, "cpu", key.type(), yShape);
    if (indices != null) {
      throw noGradient();
    }
    synchronized (cpu) {
      if (inference == null) {
        inference =
            primitive("inference", describeForward(prop_kind.forward_inference))
                .argument(DNNL_ARG_SRC, this.x)
                .argument(DNNL_ARG_DST, this.y)
                .build();
      }
      inference.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
      y.changed();
    }
  }

  @Override
  public void backward(Tensor dy, Tensor indices, Tensor dx) {
    throw noGradient();
  }

  private IllegalArgumentException noGradient() {
    return Check.failed("maxpool2d", key.type() + " has no gradient, and needs no indices");
  }
}
