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
 * The product, element by element:
 *
 * <pre>
 *   y  = a · b
 *   da = dy · b
 *   db = dy · a
 * </pre>
 *
 * <p>PyTorch equivalent: {@code a * b}.
 */
public interface MultiplyPlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType type) {}

  static MultiplyPlan on(Device device, Key key) {
    Check.computes("multiply", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnMultiply(cpu, key)),
            onCuda(cuda -> new CudaMultiply(cuda, key)));
  }

  void forward(Tensor a, Tensor b, Tensor y);

  /** {@code da} or {@code db} is null where nobody wants it. Neither may be one of the inputs. */
  void backward(Tensor a, Tensor b, Tensor dy, Tensor da, Tensor db);
}
