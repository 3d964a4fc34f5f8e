package io.github.glia.kernels.pool;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.nio.ByteBuffer;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;

/**
 * Max pooling by oneDNN, whose indices are what we promise, but whose kernels skip NaN and know
 * nothing below the smallest finite number. So the averages of all channels are taken too, and
 * where one of them is not finite, plain Java computes instead: a pass of about the same time.
 */
final class OneDnnMaxPool2d extends OneDnnPool2d implements MaxPool2dPlan {
  private final Key key;
  private final Pool2dShape shape;
  private final memory.desc indicesLayout;
  private final int indexBytes;
  private final pooling_forward.primitive_desc training;
  private final OneDnnAvgPool2d averages;
  private Primitive forward;
  private Primitive inference;
  private Primitive backward;

  OneDnnMaxPool2d(CpuBackend cpu, Key key) {
    super(cpu, "maxpool2d " + key, algorithm.pooling_max, key.shape(), key.type());
    this.key = key;
    this.shape = key.shape();
    training = describeForward(prop_kind.forward_training);
    indicesLayout = training.workspace_desc();
    indexBytes = (int) (indicesLayout.get_size() / shape.output().count());
    AvgPool2dPlan.Key whole =
        new AvgPool2dPlan.Key(
            Pool2dShape.wholeImage(shape.batch(), shape.height(), shape.width(), shape.channels()),
            key.type(),
            true);
    averages = cpu.plan(whole, CpuBackend.onCpu(c -> new OneDnnAvgPool2d(c, whole)));
  }

  @Override
  public Shape indices() {
    return shape.output().with(-1, Math.multiplyExact(shape.channels(), indexBytes));
  }

  @Override
  public void forward(Tensor x, Tensor y, Tensor indices) {
    check("forward", "x", x, key.type(), shape.input());
    check("forward", "y", y, key.type(), shape.output());
    if (indices != null) {
      check("forward", "indices", indices, DType.U8, indices());
    }
    synchronized (cpu) {
      if (!isFinite(x)) {
        new ExactMaxPool2d(cpu, shape, key.type(), indexBytes).forward(x, y, indices);
      } else if (indices == null) {
        prepareInference();
        inference.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
      } else {
        prepareForward();
        forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).bind(DNNL_ARG_WORKSPACE, indices).run();
      }
      y.changed();
      if (indices != null) {
        indices.changed();
      }
    }
  }

  @Override
  public void backward(Tensor dy, Tensor indices, Tensor dx) {
    check("backward", "dy", dy, key.type(), shape.output());
    check("backward", "indices", indices, DType.U8, indices());
    check("backward", "dx", dx, key.type(), shape.input());
    synchronized (cpu) {
      prepareBackward();
      backward
          .bind(DNNL_ARG_DIFF_DST, dy)
          .bind(DNNL_ARG_WORKSPACE, indices)
          .bind(DNNL_ARG_DIFF_SRC, dx)
          .run();
      dx.changed();
    }
  }

  private boolean isFinite(Tensor x) {
    int channels = shape.batch() * shape.channels();
    long bytes = (long) channels * key.type().bytes();
    long to = cpu.workspace(bytes);
    averages.compute(x.address(), to);
    ByteBuffer average = cpu.view(to, bytes);
    for (int i = 0; i < channels; i++) {
      if (!Float.isFinite(ExactMaxPool2d.value(key.type(), average, i))) {
        return false;
      }
    }
    return true;
  }

  private void prepareForward() {
    if (forward == null) {
      forward =
          primitive("forward", training)
              .argument(DNNL_ARG_SRC, x)
              .argument(DNNL_ARG_DST, y)
              .argument(DNNL_ARG_WORKSPACE, indicesLayout)
              .build();
    }
  }

  private void prepareInference() {
    if (inference == null) {
      inference =
          primitive("inference", describeForward(prop_kind.forward_inference))
              .argument(DNNL_ARG_SRC, x)
              .argument(DNNL_ARG_DST, y)
              .build();
    }
  }

  private void prepareBackward() {
    if (backward == null) {
      pooling_backward.primitive_desc description = describeBackward(training);
      backward =
          primitive("backward", description)
              .argument(DNNL_ARG_DIFF_DST, y)
              .argument(DNNL_ARG_WORKSPACE, description.workspace_desc())
              .argument(DNNL_ARG_DIFF_SRC, x)
              .build();
    }
  }

  private static void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor("maxpool2d " + direction, argument, t, "cpu", dtype, shape);
  }
}
