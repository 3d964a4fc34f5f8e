package io.github.glia.kernels.linear;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * The affine map of rows of features. For each row r:
 *
 * <pre>
 *   y[r, o]  = b[o] + Σ(i) x[r, i] · w[o, i]      y  = x wᵀ + b
 *   dx[r, i] = Σ(o) dy[r, o] · w[o, i]            dx = dy w
 *   dw[o, i] = Σ(r) dy[r, o] · x[r, i]            dw = dyᵀ x
 *   db[o]    = Σ(r) dy[r, o]
 * </pre>
 *
 * <p>Rows are in the plan's type; weights, bias and their gradients are F32, and so is every sum.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.linear(x, w, b)}.
 */
public interface LinearPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type type of x, y and their gradients
   */
  record Key(LinearShape shape, DType type, boolean bias) {}

  static LinearPlan on(Device device, Key key) {
    Check.computes("linear", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnLinear(cpu, key)),
            onCuda(cuda -> new CublasLinear(cuda, key)));
  }

  /** {@code b} is null where the plan has no bias. */
  void forward(Tensor x, Tensor w, Tensor b, Tensor y);

  void backwardData(Tensor dy, Tensor w, Tensor dx);

  /** {@code db} is null where the plan has no bias. */
  void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db);
}
