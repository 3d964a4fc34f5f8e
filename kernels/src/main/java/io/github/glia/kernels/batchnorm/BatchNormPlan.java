package io.github.glia.kernels.batchnorm;

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
 * Batch normalization. For each channel, with Σ over its m = batch · height · width values:
 *
 * <pre>
 *   mean     = Σ x / m
 *   variance = Σ (x − mean)² / m
 *   x̂        = (x − mean) / √(variance + ε)
 *   y        = γ · x̂ + β                        or max(0, γ · x̂ + β) with a fused ReLU
 *
 *   dβ       = Σ dy
 *   dγ       = Σ dy · x̂
 *   dx       = γ / √(variance + ε) · (dy − dβ / m − x̂ · dγ / m)    mean and variance depend on x
 *   dx       = γ / √(variance + ε) · dy                            mean and variance are constants
 * </pre>
 *
 * where dy counts only where y &gt; 0 if the plan has a ReLU.
 *
 * <p>Images are in the plan's type; γ, β, the statistics and their gradients are F32, and so is
 * every sum. NaN comes out as NaN; a fused ReLU hands no gradient back through it.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.batch_norm(x, running_mean, running_var,
 * weight, bias, training, momentum, eps)}, with {@code relu} after it where the plan is fused.
 */
public interface BatchNormPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of x, y and their gradients
   * @param relu whether forward ends with max(0, ·) and backward begins with its gradient
   */
  record Key(BatchNormShape shape, DType type, float epsilon, boolean relu) {
    public Key {
      if (!(epsilon > 0 && epsilon < Float.POSITIVE_INFINITY)) {
        throw Check.failed("batchnorm", "epsilon must be a positive number, but is " + epsilon);
      }
    }
  }

  static BatchNormPlan on(Device device, Key key) {
    Check.computes("batchnorm", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnBatchNorm(cpu, key)),
            onCuda(cuda -> new CudaBatchNorm(cuda, key)));
  }

  /**
   * The shape, in U8, of what the backward of a fused ReLU needs from forward: where y &gt; 0. The
   * content is the device's own.
   */
  Shape mask();

  /**
   * Normalizes with the statistics of x itself and writes them. Needs more than one value a
   * channel.
   *
   * @param variance the biased one, divided by m
   * @param mask null where the plan has no ReLU
   */
  void forwardTraining(
      Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance, Tensor mask);

  /**
   * Normalizes with given statistics.
   *
   * @param mask null where no backward will follow or the plan has no ReLU
   */
  void forwardInference(
      Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, Tensor y, Tensor mask);

  /**
   * The gradients of {@link #forwardTraining}, with the statistics and the mask it wrote.
   *
   * @param dx may be dy itself, or lie in the same memory
   */
  void backwardTraining(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);

  /**
   * The gradients of {@link #forwardInference}, with the mask it wrote.
   *
   * @param dx may be dy itself, or lie in the same memory
   */
  void backwardInference(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);

  /**
   * Moves the statistics for inference towards those of a batch:
   *
   * <pre>
   *   runningMean     += momentum · (mean − runningMean)
   *   runningVariance += momentum · (variance · m / (m − 1) − runningVariance)
   * </pre>
   */
  void updateRunning(
      Tensor mean, Tensor variance, float momentum, Tensor runningMean, Tensor runningVariance);
}
