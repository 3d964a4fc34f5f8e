package io.github.glia.kernels.upsample;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_backward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_resampling_forward_primitive_desc_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_desc;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Upsampling by oneDNN. Its gradient of the bilinear one takes eight times as long as forward; two
 * to three times as fast is a convolution of dy, channel by channel, with the scale as its stride
 * and the weights {@code 1 − |t − k|} as its kernel. At the edges, where t is moved inside the
 * image, the weights are others, and {@link BilinearEdges} computes them.
 */
final class OneDnnUpsample extends OneDnnPlan implements UpsamplePlan {
  private final Key key;
  private final Shape xShape;
  private final Shape yShape;
  private final memory.desc x;
  private final memory.desc y;
  private final int algorithmKind;
  private final float[] scales;
  private final BilinearEdges edges;
  private primitive_desc forwardDescription;
  private Primitive forward;
  private Primitive backward;
  private float[] kernel;
  private Primitive packKernel;
  private long packedBytes;

  OneDnnUpsample(CpuBackend cpu, Key key) {
    super(cpu, "upsample " + key);
    this.key = key;
    UpsampleShape s = key.shape();
    xShape = s.input();
    yShape = s.output();
    x = CpuBackend.images(key.type(), s.batch(), s.height(), s.width(), s.channels());
    y = CpuBackend.images(key.type(), s.batch(), s.outHeight(), s.outWidth(), s.channels());
    algorithmKind =
        switch (key.interpolation()) {
          case NEAREST -> algorithm.resampling_nearest.value;
          case BILINEAR -> algorithm.resampling_linear.value;
        };
    scales = new float[] {s.scaleHeight(), s.scaleWidth()};
    edges = new BilinearEdges(cpu, s, key.type());
  }

  @Override
  public void forward(Tensor x, Tensor y) {
    check("forward", "x", x, xShape);
    check("forward", "y", y, yShape);
    synchronized (cpu) {
      prepareForward();
      forward.bind(DNNL_ARG_SRC, x).bind(DNNL_ARG_DST, y).run();
      y.changed();
    }
  }

  @Override
  public void backward(Tensor dy, Tensor dx) {
    check("backward", "dy", dy, yShape);
    check("backward", "dx", dx, xShape);
    synchronized (cpu) {
      if (key.interpolation() == Interpolation.BILINEAR) {
        backwardBilinear(dy, dx);
      } else {
        prepareBackward();
        backward.bind(DNNL_ARG_DIFF_DST, dy).bind(DNNL_ARG_DIFF_SRC, dx).run();
      }
      dx.changed();
    }
  }

  private void backwardBilinear(Tensor dy, Tensor dx) {
    prepareBackwardBilinear();
    long packed = cpu.workspace(packedBytes + (long) kernel.length * Float.BYTES);
    long plain = packed + packedBytes;
    cpu.window(plain).write(plain, kernel, kernel.length);
    packKernel.bind(DNNL_ARG_FROM, plain).bind(DNNL_ARG_TO, packed).run();
    backward.bind(DNNL_ARG_SRC, dy).bind(DNNL_ARG_WEIGHTS, packed).bind(DNNL_ARG_DST, dx).run();
    edges.compute(dy.address(), dx.address());
  }

  /** The same for every channel: {@code [channels, kernel height, kernel width]}. */
  private static float[] kernel(UpsampleShape s) {
    int height = kernelSize(s.scaleHeight());
    int width = kernelSize(s.scaleWidth());
    float[] kernel = new float[Math.multiplyExact(s.channels(), Math.multiplyExact(height, width))];
    for (int e = 0; e < kernel.length; e++) {
      kernel[e] =
          kernelWeight(e / width % height, s.scaleHeight())
              * kernelWeight(e % width, s.scaleWidth());
    }
    return kernel;
  }

  /** How many places of the output an inner place of the input is part of. */
  private static int kernelSize(int scale) {
    return scale % 2 == 0 ? 2 * scale : 2 * scale - 1;
  }

  /** The weight of input place 0 in output place u − scale / 2. */
  private static float kernelWeight(int u, int scale) {
    int i = u - scale / 2;
    return (float) (1 - Math.abs((i + 0.5) / scale - 0.5));
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

  private void prepareBackwardBilinear() {
    if (backward != null) {
      return;
    }
    UpsampleShape s = key.shape();
    long channels = s.channels();
    long height = kernelSize(s.scaleHeight());
    long width = kernelSize(s.scaleWidth());
    long[] sizes = {channels, 1, 1, height, width};
    long[] strides = {s.scaleHeight(), s.scaleWidth()};
    long[] paddingBefore = {s.scaleHeight() / 2, s.scaleWidth() / 2};
    long[] paddingAfter = {
      height - s.scaleHeight() - paddingBefore[0], width - s.scaleWidth() - paddingBefore[1]
    };
    convolution_forward.primitive_desc description =
        describe(
            "backward",
            () ->
                new convolution_forward.primitive_desc(
                    cpu.engine(),
                    prop_kind.forward_inference.value,
                    algorithm.convolution_direct.value,
                    y,
                    CpuBackend.describe(key.type(), memory.format_tag.any, sizes),
                    new memory.desc(),
                    x,
                    strides,
                    new long[] {0, 0},
                    paddingBefore,
                    paddingAfter,
                    cpu.attributes(),
                    false));
    kernel = kernel(s);
    packedBytes = CpuBackend.aligned(description.weights_desc().get_size());
    packKernel =
        reorder(
            "pack for backward",
            CpuBackend.describe(DType.F32, memory.format_tag.goihw, sizes),
            description.weights_desc());
    backward =
        primitive("backward", description)
            .argument(DNNL_ARG_SRC, y)
            .argument(DNNL_ARG_WEIGHTS, description.weights_desc())
            .argument(DNNL_ARG_DST, x)
            .build();
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
    Check.tensor("upsample", direction, argument, t, "cpu", key.type(), shape);
  }
}
