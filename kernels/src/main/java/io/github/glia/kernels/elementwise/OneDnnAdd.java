package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;

/** The sum by oneDNN. */
final class OneDnnAdd extends OneDnnBinary implements AddPlan {
  OneDnnAdd(CpuBackend cpu, Key key) {
    super(
        cpu,
        "add",
        key.shape(),
        key.type(),
        algorithm.binary_add,
        elements(key.shape(), key.type()));
  }

  @Override
  public void forward(Tensor a, Tensor b, Tensor y) {
    check("forward", "a", a);
    check("forward", "b", b);
    check("forward", "y", y);
    synchronized (cpu) {
      compute(a, b.address(), y);
    }
  }
}
