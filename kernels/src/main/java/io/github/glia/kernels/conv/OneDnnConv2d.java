package io.github.glia.kernels.conv;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_FROM;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_TO;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.memory;

/** Convolution by oneDNN. */
final class OneDnnConv2d extends OneDnnPlan implements Conv2dPlan {
  private final Key key;
  private final Conv2dShape shape;
  private final ConvolvedRows rows;
  private final memory.desc computedDy;
  private final OneDnnConvolution convolution;

  private Primitive convertGradient;

  OneDnnConv2d(CpuBackend cpu, Key key) {
    super(cpu, "conv2d " + key);
    this.key = key;
    shape = key.shape();
    rows = ConvolvedRows.all(shape);
    computedDy = rows.y(key.input());
    convolution = part(new OneDnnConvolution(cpu, "conv2d " + key, key));
  }

  @Override
  public void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "w", w, DType.F32, shape.weights());
    synchronized (cpu) {
      checkForward(x, b, y);
      long packed = cpu.workspace(convolution.packedBytes());
      convolution.pack(w, packed);
      convolution.forward(x, packed, b, y);
      y.changed();
    }
  }

  @Override
  public void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y) {
    synchronized (cpu) {
      check("forward", "packed", packed, DType.U8, Shape.of((int) packedBytes()));
      checkForward(x, b, y);
      convolution.forward(x, packed.address(), b, y);
      y.changed();
    }
  }

  private void checkForward(Tensor x, Tensor b, Tensor y) {
    check("forward", "x", x, key.input(), shape.input());
    check("forward", "y", y, key.output(), shape.output());
    checkBias("forward", "b", b);
  }

  @Override
  public long packedBytes() {
    synchronized (cpu) {
      return convolution.packedBytes();
    }
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    check("pack", "w", w, DType.F32, shape.weights());
    synchronized (cpu) {
      check("pack", "packed", packed, DType.U8, Shape.of((int) packedBytes()));
      convolution.pack(w, packed.address());
      packed.changed();
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.output(), shape.output());
    check("backwardData", "w", w, DType.F32, shape.weights());
    check("backwardData", "dx", dx, key.input(), shape.input());
    synchronized (cpu) {
      long scratchBytes = convolution.backwardDataBytes();
      long scratch = cpu.workspace(scratchBytes + convertedBytes());
      convolution.backwardData(inComputedType(dy, scratch + scratchBytes), w, dx, scratch);
      dx.changed();
    }
  }

  @Override
  public void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.input(), shape.input());
    check("backwardWeights", "dy", dy, key.output(), shape.output());
    check("backwardWeights", "dw", dw, DType.F32, shape.weights());
    checkBias("backwardWeights", "db", db);
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

  private static void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor("conv2d " + direction, argument, t, "cpu", dtype, shape);
  }

  private void checkBias(String direction, String argument, Tensor b) {
    Check.bias("conv2d " + direction, argument, b, "cpu", key.bias(), shape.bias());
  }
}
