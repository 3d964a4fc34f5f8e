package io.github.glia.kernels.convtranspose;

import io.github.glia.kernels.QuantizedArguments;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnQuantized;
import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.deconvolution_forward;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;

/** Transposed convolution of bytes by oneDNN, which calls it deconvolution. */
final class OneDnnQuantizedConvTranspose2d extends OneDnnQuantized
    implements QuantizedConvTranspose2dPlan {
  private static final int OUTPUT_CHANNELS = 1;

  private final ConvTranspose2dShape shape;

  OneDnnQuantizedConvTranspose2d(CpuBackend cpu, Key key) {
    this(cpu, key, parts(key.shape(), cpu.lanes().count()));
  }

  private OneDnnQuantizedConvTranspose2d(CpuBackend cpu, Key key, int parts) {
    super(
        cpu,
        "quantizedConvTranspose2d " + key,
        new QuantizedArguments(
            "quantizedConvTranspose2d",
            cpu.name(),
            key.input(),
            key.output(),
            key.shape().input(),
            key.shape().weights(),
            key.shape().bias(),
            key.shape().output()),
        parts,
        OneDnnConvTranspose2d.inputOfAPart(key.shape(), key.input(), parts),
        OneDnnConvTranspose2d.outputOfAPart(key.shape(), key.output(), parts),
        OneDnnConvTranspose2d.weights(key.shape(), DType.F32, memory.format_tag.ihwo));
    shape = key.shape();
  }

  private static int parts(ConvTranspose2dShape shape, int lanes) {
    return shape.isUpscaling() ? OneDnnUpscalingConvTranspose2d.parts(shape, lanes) : 1;
  }

  @Override
  protected primitive_desc_base description(
      memory.desc x, memory.desc channels, memory.desc y, primitive_attr attributes) {
    return new deconvolution_forward.primitive_desc(
        cpu.engine(),
        prop_kind.forward_inference.value,
        algorithm.deconvolution_direct.value,
        x,
        OneDnnConvTranspose2d.weights(shape, DType.I8, memory.format_tag.any),
        channels,
        y,
        OneDnnConvTranspose2d.strides(shape),
        OneDnnConvTranspose2d.paddingBefore(shape),
        OneDnnConvTranspose2d.paddingAfter(shape),
        attributes,
        false);
  }

  @Override
  protected int scaledDimensions() {
    return OUTPUT_CHANNELS;
  }

  @Override
  protected boolean relu() {
    return false;
  }
}
