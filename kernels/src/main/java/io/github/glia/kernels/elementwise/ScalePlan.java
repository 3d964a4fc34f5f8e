package io.github.glia.kernels.elementwise;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * The product with a number, which may be another one at each call:
 *
 * <pre>
 *   y  = factor · x
 *   dx = factor · dy
 * </pre>
 *
 * <p>So backward is forward of the gradient. The factor is F32 in every type.
 *
 * <p>PyTorch equivalent: {@code factor * x}.
 */
public interface ScalePlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType type) {}

  static ScalePlan on(Device device, Key key) {
    Check.computes("scale", device, key.type());
    return Backend.of(device)
        .plan(
            key, onCpu(cpu -> new OneDnnScale(cpu, key)), onCuda(cuda -> new CudaScale(cuda, key)));
  }

  /** {@code y} may be {@code x}. */
  void forward(Tensor x, float factor, Tensor y);
}
