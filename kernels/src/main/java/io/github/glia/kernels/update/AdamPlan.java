package io.github.glia.kernels.update;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * A step of Adam (Kingma and Ba, 2014) or AdamW (Loshchilov and Hutter, 2017). With gradients g,
 * learning rate η and weight decay λ, in step k = 1, 2, …:
 *
 * <pre>
 *   g ← gradientScale · g
 *   g ← g + λ · w                    Adam
 *   w ← w − η · λ · w                AdamW
 *   m ← β₁ · m + (1 − β₁) · g
 *   v ← β₂ · v + (1 − β₂) · g²
 *   w ← w − η · m̂ / (√v̂ + ε)         m̂ = m / (1 − β₁ᵏ),  v̂ = v / (1 − β₂ᵏ)
 * </pre>
 *
 * <p>The tensors g themselves are only read. Before the first step m and v are 0.
 *
 * <p>PyTorch equivalent: {@code torch.optim.Adam(w, lr, betas, eps, weight_decay).step()}, or
 * {@code torch.optim.AdamW} where the decay is decoupled.
 */
public interface AdamPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param decoupled whether the weight decay is AdamW's
   */
  record Key(Adam adam, boolean decoupled) {}

  static AdamPlan on(Device device, Key key) {
    return Backend.of(device)
        .plan(key, onCpu(cpu -> new CpuAdam(cpu, key)), onCuda(cuda -> new CudaAdam(cuda, key)));
  }

  /**
   * @param w the weights of a network, F32
   * @param g their gradients
   * @param m running means of the gradients
   * @param v running means of the squared gradients
   * @param gradientScale what the gradients are multiplied with first
   * @param step 1, 2, …
   */
  void step(
      List<Tensor> w,
      List<Tensor> g,
      List<Tensor> m,
      List<Tensor> v,
      float learningRate,
      float gradientScale,
      long step);
}
