package io.github.glia.kernels.reduce;

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
 * The sum or mean of all elements. With n elements and f = 1 for the sum, 1/n for the mean:
 *
 * <pre>
 *   y     = f · Σ(i) x[i]
 *   dx[i] = f · dy
 * </pre>
 *
 * <p>y and dy are F32 of shape {@code [1]}. The sum is made in double precision, always in the same
 * order.
 *
 * <p>PyTorch equivalent: {@code x.sum()}, {@code x.mean()}.
 */
public interface ReducePlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType type, Reduction reduction) {}

  static ReducePlan on(Device device, Key key) {
    Check.computes("reduce", device, key.type());
    return Backend.of(device)
        .plan(
            key, onCpu(cpu -> new CpuReduce(cpu, key)), onCuda(cuda -> new CudaReduce(cuda, key)));
  }

  void forward(Tensor x, Tensor y);

  void backward(Tensor dy, Tensor dx);
}
