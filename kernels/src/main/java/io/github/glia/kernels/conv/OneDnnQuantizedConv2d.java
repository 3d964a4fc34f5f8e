package io.github.glia.kernels.conv;

import io.github.glia.kernels.QuantizedArguments;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnQuantized;
import io.github.glia.tensor.DType;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;

/** Convolution of bytes by oneDNN. */
final class OneDnnQuantizedConv2d extends OneDnnQuantized implements QuantizedConv2dPlan {
  private static final int OUTPUT_CHANNELS = 1;
  private static final int GROUPS_AND_OUTPUT_CHANNELS = 3;

  private final Key key;
  private final ConvolvedRows rows;

  OneDnnQuantizedConv2d(CpuBackend cpu, Key key) {
    this(cpu, key, cpu.lanes().partsOf(key.shape().batch()));
  }

  private OneDnnQuantizedConv2d(CpuBackend cpu, Key key, int parts) {
    this(cpu, key, parts, ConvolvedRows.all(key.shape()).ofImages(key.shape().batch() / parts));
  }

  private OneDnnQuantizedConv2d(CpuBackend cpu, Key key, int parts, ConvolvedRows rows) {
    super(
        cpu,
        "quantizedConv2d " + key,
        new QuantizedArguments(
            "quantizedConv2d",
            cpu.name(),
            key.input(),
            key.output(),
            key.shape().input(),
            key.shape().weights(),
            key.shape().bias(),
            key.shape().output()),
        parts,
        rows.x(key.input()),
        rows.y(key.output()),
        rows.plainWeights());
    this.key = key;
    this.rows = rows;
  }

  @Override
  protected primitive_desc_base description(
      memory.desc x, memory.desc channels, memory.desc y, primitive_attr attributes) {
    return rows.forward(
        cpu, key.input(), rows.anyWeights(DType.I8), channels, key.output(), attributes);
  }

  @Override
  protected int scaledDimensions() {
    return key.shape().groups() == 1 ? OUTPUT_CHANNELS : GROUPS_AND_OUTPUT_CHANNELS;
  }

  @Override
  protected boolean relu() {
    return key.relu();
  }
}
