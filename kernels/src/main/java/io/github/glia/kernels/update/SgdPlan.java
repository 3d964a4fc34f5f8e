package io.github.glia.kernels.update;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * A step of stochastic gradient descent. With gradients g, learning rate η, momentum μ and weight
 * decay λ:
 *
 * <pre>
 *   g ← gradientScale · g + λ · w
 *   v ← μ · v + g                    (v ← g in the first step)
 *   w ← w − η · g                    without momentum
 *   w ← w − η · v                    with momentum
 *   w ← w − η · (g + μ · v)          with Nesterov's
 * </pre>
 *
 * <p>The tensors g themselves are only read.
 *
 * <p>PyTorch equivalent: {@code torch.optim.SGD(w, lr, momentum, weight_decay=…,
 * nesterov=…).step()}.
 */
public interface SgdPlan extends Plan {
  /** What a plan depends on. */
  record Key(Sgd sgd) {}

  static SgdPlan on(Device device, Key key) {
    return Backend.of(device)
        .plan(key, onCpu(cpu -> new CpuSgd(cpu, key)), onCuda(cuda -> new CudaSgd(cuda, key)));
  }

  /**
   * @param w the weights of a network, F32
   * @param g their gradients
   * @param velocity null without momentum
   * @param gradientScale what the gradients are multiplied with first
   * @param first whether the velocity is undefined yet, and gets the gradient
   */
  void step(
      List<Tensor> w,
      List<Tensor> g,
      List<Tensor> velocity,
      float learningRate,
      float gradientScale,
      boolean first);
}
