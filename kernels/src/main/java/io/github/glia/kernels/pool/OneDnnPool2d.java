package io.github.glia.kernels.pool;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;

/** What oneDNN needs to know of every pooling. */
abstract class OneDnnPool2d extends OneDnnPlan {
  private static final long[] NO_DILATION = {0, 0};

  protected final memory.desc x;
  protected final memory.desc y;
  private final algorithm kind;
  private final long[] strides;
  private final long[] kernel;
  private final long[] paddingBefore;
  private final long[] paddingAfter;

  OneDnnPool2d(CpuBackend cpu, String name, algorithm kind, Pool2dShape s, DType type) {
    super(cpu, name);
    this.kind = kind;
    x = CpuBackend.images(type, s.batch(), s.height(), s.width(), s.channels());
    y = CpuBackend.images(type, s.batch(), s.outHeight(), s.outWidth(), s.channels());
    strides = new long[] {s.strideHeight(), s.strideWidth()};
    kernel = new long[] {s.kernelHeight(), s.kernelWidth()};
    paddingBefore = new long[] {s.paddingHeight(), s.paddingWidth()};
    paddingAfter =
        new long[] {
          paddingAfter(
              s.outHeight(), s.strideHeight(), s.kernelHeight(), s.height(), s.paddingHeight()),
          paddingAfter(s.outWidth(), s.strideWidth(), s.kernelWidth(), s.width(), s.paddingWidth())
        };
  }

  final pooling_forward.primitive_desc describeForward(prop_kind use) {
    return describe(
        "forward",
        () ->
            new pooling_forward.primitive_desc(
                cpu.engine(),
                use.value,
                kind.value,
                x,
                y,
                strides,
                kernel,
                NO_DILATION,
                paddingBefore,
                paddingAfter,
                cpu.attributes(),
                false));
  }

  final pooling_backward.primitive_desc describeBackward(pooling_forward.primitive_desc forward) {
    return describe(
        "backward",
        () ->
            new pooling_backward.primitive_desc(
                cpu.engine(),
                kind.value,
                x,
                y,
                strides,
                kernel,
                NO_DILATION,
                paddingBefore,
                paddingAfter,
                forward,
                cpu.attributes(),
                false));
  }

  private static long paddingAfter(
      int outSize, int stride, int kernel, int size, int paddingBefore) {
    return (outSize - 1L) * stride + kernel - size - paddingBefore;
  }
}
