package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.memory;

/** Convolution by oneDNN. */
final class OneDnnConv2d extends OneDnnPlan implements Conv2dPlan {
  private final Key key;
  private final Conv2dArguments arguments;
  private final ConvolvedRows rows;
  private final memory.desc computedDy;
  private final OneDnnConvolution convolution;

  private Primitive convertGradient;

  OneDnnConv2d(CpuBackend cpu, Key key) {
    super(cpu, "conv2d " + key);
    this.key = key;
    arguments = new Conv2dArguments(key, cpu.name());
    rows = ConvolvedRows.all(key.shape());
    computedDy = rows.y(key.input());
    convolution = part(new OneDnnConvolution(cpu, "conv2d " + key, key));
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    arguments.forward(x, w, b, y);
    synchronized (cpu) {
      long packed = cpu.workspace(convolution.packedBytes());
      convolution.pack(w, packed);
      convolution.forward(x, packed, b, y);
      y.changed();
    }
  }

  @Override
  public void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    synchronized (cpu) {
      arguments.forwardPacked(x, packed, packedBytes(), b, y);
      convolution.forward(x, packed.address(), b, y);
      y.changed();
    }
  }

  @Override
  public long packedBytes() {
    synchronized (cpu) {
      return convolution.packedBytes();
    }
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    synchronized (cpu) {
      arguments.pack(w, packed, packedBytes());
      convolution.pack(w, packed.address());
      packed.changed();
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    arguments.backwardData(dy, w, dx);
    synchronized (cpu) {
      long scratchBytes = convolution.backwardDataBytes();
      long scratch = cpu.workspace(scratchBytes + convertedBytes());
      convolution.backwardData(inComputedType(dy, scratch + scratchBytes), w, dx, scratch);
      dx.changed();
    }
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    arguments.backwardWeights(x, dy, dw, db);
    synchronized (cpu) {
      long scratchBytes = convolution.backwardWeightsBytes();
      long scratch = cpu.workspace(scratchBytes + convertedBytes());
      convolution.backwardWeights(x, inComputedType(dy, scratch + scratchBytes), dw, db, scratch);
      dw.changed();
      if (key.bias()) {
        db.changed();
      }
    }
  }

  /**
   * oneDNN takes gradients in the type of the input: an F32 dy of a BF16 convolution is rounded.
   */
  private long inComputedType(Tensor dy, long converted) {
    if (key.output() == key.input()) {
      return dy.address();
    }
    if (convertGradient == null) {
      convertGradient = reorder("convert dy", rows.y(key.output()), computedDy);
    }
    convertGradient.bind(DNNL_ARG_FROM, dy).bind(DNNL_ARG_TO, converted).run();
    return converted;
  }

  private long convertedBytes() {
    return key.output() == key.input() ? 0 : computedDy.get_size();
  }
}
