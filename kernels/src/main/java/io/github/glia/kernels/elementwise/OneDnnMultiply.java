package io.github.glia.kernels.elementwise;

import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.global.dnnl.algorithm;

/** The product by oneDNN. */
final class OneDnnMultiply extends OneDnnBinary implements MultiplyPlan {
  OneDnnMultiply(CpuBackend cpu, Key key) {
    super(
        cpu,
        "multiply",
        key.shape(),
        key.type(),
        algorithm.binary_mul,
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

  @Override
  public void backward(Tensor a, Tensor b, Tensor dy, Tensor da, Tensor db) {
    check("backward", "a", a);
    check("backward", "b", b);
    check("backward", "dy", dy);
    if (da != null) {
      check("backward", "da", da);
    }
    if (db != null) {
      check("backward", "db", db);
    }
    synchronized (cpu) {
      if (da != null) {
        compute(dy, b.address(), da);
      }
      if (db != null) {
        compute(dy, a.address(), db);
      }
    }
  }
}
