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
 * The sum, element by element:
 *
 * <pre>
 *   y  = a + b
 *   da = dy
 *   db = dy
 * </pre>
 *
 * <p>Backward computes nothing, so there is no method for it.
 *
 * <p>PyTorch equivalent: {@code a + b}, {@code a += b}.
 */
public interface AddPlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType type) {}

  static AddPlan on(Device device, Key key) {
    Check.computes("add", device, key.type());
    return Backend.of(device)
        .plan(key, onCpu(cpu -> new OneDnnAdd(cpu, key)), onCuda(cuda -> new CudaAdd(cuda, key)));
  }

  /** {@code y} may be {@code a}. */
  void forward(Tensor a, Tensor b, Tensor y);
}
