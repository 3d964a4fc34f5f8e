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
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;

/**
 * Max pooling by oneDNN, whose indices are what we promise, but whose kernels skip NaN and know
 * nothing below the smallest finite number. So {@link FiniteCheck} looks first, and where something
 * is not finite, plain Java computes instead.
 */
final class OneDnnMaxPool2d extends OneDnnPool2d implements MaxPool2dPlan {
  private final Key key;
  private final Pool2dShape shape;
  private final memory.desc indicesLayout;
  private final int indexBytes;
  private final pooling_forward.primitive_desc training;
  private final FiniteCheck finite;
  private final Shape xShape;
  private final Shape yShape;
  private final Shape indices;
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
    finite = new FiniteCheck(cpu, shape, key.type());
    xShape = shape.input();
    yShape = shape.output();
    indices = yShape.with(-1, Math.multiplyExact(shape.channels(), indexBytes));
  }

  @Override
  public Shape indices() {
    return indices;
  }

  @Override
  public void forward(Tensor x, Tensor y, Tensor indices) {
    check("forward", "x", x, key.type(), xShape);
    check("forward", "y", y, key.type(), yShape);
    if (indices != null) {
      check("forward", "indices", indices, DType.U8, this.indices);
    }
    synchronized (cpu) {
      if (!finite.holds(x.address())) {
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
    check("backward", "dy", dy, key.type(), yShape);
    check("backward", "indices", indices, DType.U8, this.indices);
    check("backward", "dx", dx, key.type(), xShape);
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
    Check.tensor("maxpool2d", direction, argument, t, "cpu", dtype, shape);
  }
}
