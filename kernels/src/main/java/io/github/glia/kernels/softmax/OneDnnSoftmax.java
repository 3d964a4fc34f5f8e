package io.github.glia.kernels.softmax;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.softmax_backward;
import org.bytedeco.dnnl.softmax_forward;

/** Softmax by oneDNN, over the rows of a matrix. */
final class OneDnnSoftmax extends OneDnnPlan implements SoftmaxPlan {
  private static final int AXIS = 1;

  private final Key key;
  private final memory.desc rows;

  private softmax_forward.primitive_desc forwardDescription;
  private Primitive forward;
  private Primitive backward;

  OneDnnSoftmax(CpuBackend cpu, Key key) {
    super(cpu, "softmax " + key);
    this.key = key;
    int channels = key.shape().size(-1);
    rows =
        CpuBackend.describe(
            key.type(), memory.format_tag.ab, key.shape().count() / channels, channels);
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x);
    check("forward", "y", y);
    synchronized (cpu) {
      prepareForward();
      forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
      y.changed();
    }
  }

  @Override
  public void backward(Tensor y, Tensor dy, Tensor dx) {
    check("backward", "y", y);
    check("backward", "dy", dy);
    check("backward", "dx", dx);
    synchronized (cpu) {
      prepareBackward();
      backward.bind(DNNL_ARG_DST, y).bind(DNNL_ARG_DIFF_DST, dy).bind(DNNL_ARG_DIFF_SRC, dx).run();
      dx.changed();
    }
  }

  private void prepareForward() {
    if (forward == null) {
      forward =
          primitive("forward", forwardDescription())
              .argument(DNNL_ARG_SRC, rows)
              .argument(DNNL_ARG_DST, rows)
              .build();
    }
  }

  private void prepareBackward() {
    if (backward == null) {
      softmax_backward.primitive_desc description =
          describe(
              "backward",
              () ->
                  new softmax_backward.primitive_desc(
                      cpu.engine(),
                      algorithm.softmax_accurate,
                      rows,
                      rows,
                      rows,
                      AXIS,
                      forwardDescription(),
                      cpu.attributes(),
                      false));
      backward =
          primitive("backward", description)
              .argument(DNNL_ARG_DST, rows)
              .argument(DNNL_ARG_DIFF_DST, rows)
              .argument(DNNL_ARG_DIFF_SRC, rows)
              .build();
    }
  }

  private softmax_forward.primitive_desc forwardDescription() {
    if (forwardDescription == null) {
      forwardDescription =
          describe(
              "forward",
              () ->
                  new softmax_forward.primitive_desc(
                      cpu.engine(),
                      prop_kind.forward_training,
                      algorithm.softmax_accurate,
                      rows,
                      rows,
                      AXIS,
                      cpu.attributes(),
                      false));
    }
    return forwardDescription;
  }

  private void check(String direction, String argument, Tensor t) {
    Check.tensor("softmax", direction, argument, t, "cpu", key.type(), key.shape());
  }
}
