package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;

/** The product with a number by oneDNN: with an array of one element, so that it can change. */
final class OneDnnScale extends OneDnnBinary implements ScalePlan {
  OneDnnScale(CpuBackend cpu, Key key) {
    super(
        cpu,
        "scale",
        key.shape(),
        key.type(),
        algorithm.binary_mul,
        elements(Shape.of(1), DType.F32));
  }

  @Override
  public void forward(Tensor x, float factor, Tensor y) {
    check("forward", "x", x);
    check("forward", "y", y);
    synchronized (cpu) {
      long single = cpu.workspace(Float.BYTES);
      cpu.window(single).putFloat(single, factor);
      compute(x, single, y);
    }
  }
}
