package io.github.glia.kernels.pool;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.pooling_forward;

/** Average pooling by oneDNN. */
final class OneDnnAvgPool2d extends OneDnnPool2d implements AvgPool2dPlan {
  private final Key key;
  private final Shape xShape;
  private final Shape yShape;
  private final pooling_forward.primitive_desc training;
  private Primitive forward;
  private Primitive backward;

  OneDnnAvgPool2d(CpuBackend cpu, Key key) {
    super(
        cpu,
        "avgpool2d " + key,
        key.countPadding()
            ? algorithm.pooling_avg_include_padding
            : algorithm.pooling_avg_exclude_padding,
        key.shape(),
        key.type());
    this.key = key;
    xShape = key.shape().input();
    yShape = key.shape().output();
    training = describeForward(prop_kind.forward_training);
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x, xShape);
    check("forward", "y", y, yShape);
    synchronized (cpu) {
      compute(x.address(), y.address());
      y.changed();
    }
  }

  /** Forward, for callers that hold the lock. */
  void compute(long x, long y) {
    prepareForward();
    forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, yShape);
    check("backward", "dx", dx, xShape);
    synchronized (cpu) {
      prepareBackward();
      backward.bind(DNNL_ARG_DIFF_DST, dy).bind(DNNL_ARG_DIFF_SRC, dx).run();
      dx.changed();
    }
  }

  private void prepareForward() {
    if (forward == null) {
      forward =
          primitive("forward", training)
              .argument(DNNL_ARG_SRC, x)
              .argument(DNNL_ARG_DST, y)
              .build();
    }
  }

  private void prepareBackward() {
    if (backward == null) {
      backward =
          primitive("backward", describeBackward(training))
              .argument(DNNL_ARG_DIFF_DST, y)
              .argument(DNNL_ARG_DIFF_SRC, x)
              .build();
    }
  }

  private void check(String direction, String argument, Tensor t, Shape shape) {
    Check.tensor("avgpool2d", direction, argument, t, "cpu", key.type(), shape);
  }
}
