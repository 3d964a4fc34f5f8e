package io.github.glia.kernels.upsample;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc;
import org.bytedeco.javacpp.PointerPointer;

/** Upsampling by oneDNN, but for the gradient of the bilinear one, which it computes slowly. */
final class OneDnnUpsample extends OneDnnPlan implements UpsamplePlan {
  private final Key key;
  private final memory.desc x;
  private final memory.desc y;
  private final int algorithmKind;
  private final float[] scales;
  private final BilinearGradient bilinearGradient;
  private primitive_desc forwardDescription;
  private Primitive forward;
  private Primitive backward;

  OneDnnUpsample(CpuBackend cpu, Key key) {
    super(cpu, "upsample " + key);
    this.key = key;
    UpsampleShape s = key.shape();
    x = CpuBackend.images(key.type(), s.batch(), s.height(), s.width(), s.channels());
    y = CpuBackend.images(key.type(), s.batch(), s.outHeight(), s.outWidth(), s.channels());
    algorithmKind =
        switch (key.interpolation()) {
          case NEAREST -> algorithm.resampling_nearest.value;
          case BILINEAR -> algorithm.resampling_linear.value;
        };
    scales = new float[] {s.scaleHeight(), s.scaleWidth()};
    bilinearGradient = new BilinearGradient(cpu, s, key.type());
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x, key.shape().input());
    check("forward", "y", y, key.shape().output());
    synchronized (cpu) {
      prepareForward();
      forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
      y.changed();
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, key.shape().output());
    check("backward", "dx", dx, key.shape().input());
    synchronized (cpu) {
      if (key.interpolation() == Interpolation.BILINEAR) {
        bilinearGradient.compute(dy.address(), dx.address());
      } else {
        prepareBackward();
        backward.bind(DNNL_ARG_DIFF_DST, dy).bind(DNNL_ARG_DIFF_SRC, dx).run();
      }
      dx.changed();
    }
  }

  private void prepareForward() {
    if (forward == null) {
      forward =
          primitive("forward", forwardDescription())
              .argument(DNNL_ARG_SRC, x)
              .argument(DNNL_ARG_DST, y)
              .build();
    }
  }

  private void prepareBackward() {
    if (backward == null) {
      backward =
          primitive("backward", describe("backward", this::describeBackward))
              .argument(DNNL_ARG_DIFF_DST, y)
              .argument(DNNL_ARG_DIFF_SRC, x)
              .build();
    }
  }

  private primitive_desc forwardDescription() {
    if (forwardDescription == null) {
      forwardDescription = describe("forward", this::describeForward);
    }
    return forwardDescription;
  }

  // The binding has no constructors for descriptions of resampling, so these are calls of C.

  private primitive_desc describeForward() {
    try (PointerPointer<dnnl_primitive_desc> made = new PointerPointer<>(1)) {
      int status =
          dnnl_resampling_forward_primitive_desc_create(
              made,
              cpu.engine().get(),
              prop_kind.forward_training.value,
              algorithmKind,
              scales,
              x.get(),
              y.get(),
              cpu.attributes().get());
      return owned(status, made);
    }
  }

  private primitive_desc describeBackward() {
    try (PointerPointer<dnnl_primitive_desc> made = new PointerPointer<>(1)) {
      int status =
          dnnl_resampling_backward_primitive_desc_create(
              made,
              cpu.engine().get(),
              algorithmKind,
              scales,
              x.get(),
              y.get(),
              forwardDescription().get(),
              cpu.attributes().get());
      return owned(status, made);
    }
  }

  private static primitive_desc owned(int status, PointerPointer<dnnl_primitive_desc> made) {
    if (status != dnnl_success) {
      throw new IllegalStateException("status " + status);
    }
    return new primitive_desc(new dnnl_primitive_desc(made.get(0)));
  }

  private void check(String direction, String argument, Tensor t, Shape shape) {
    Check.tensor("upsample " + direction, argument, t, "cpu", key.type(), shape);
  }
}
