package io.github.glia.kernels.convtranspose;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.PackingPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * Transposed convolution: each input pixel adds its multiple of the kernel to the output, which is
 * what the gradient of a convolution does with dy. With stride s and padding p, for each image:
 *
 * <pre>
 *   y[k, l, o]     = b[o] + Σ(i, j, c, u, v) x[i, j, c] · w[c, u, v, o]   where s·i + u − p = k, s·j + v − p = l
 *   dx[i, j, c]    = Σ(u, v, o) dy[s·i + u − p, s·j + v − p, o] · w[c, u, v, o]
 *   dw[c, u, v, o] = Σ(n, i, j) x[i, j, c] · dy[s·i + u − p, s·j + v − p, o]
 *   db[o]          = Σ(n, k, l) dy[k, l, o]
 * </pre>
 *
 * where dy is 0 outside the image.
 *
 * <p>Images are in the plan's type; weights, bias and their gradients are F32, and so is every sum.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.conv_transpose2d(x, w, b, stride, padding,
 * output_padding)}.
 */
public interface ConvTranspose2dPlan extends PackingPlan {
  /**
   * What a plan depends on.
   *
   * @param type type of x, y and their gradients
   */
  record Key(ConvTranspose2dShape shape, DType type, boolean bias) {}

  static ConvTranspose2dPlan on(Device device, Key key) {
    Check.computes("convTranspose2d", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(
                cpu -> {
                  ConvTranspose2dPlan plan =
                      key.shape().isUpscaling()
                          ? new OneDnnUpscalingConvTranspose2d(cpu, key)
                          : new OneDnnConvTranspose2d(cpu, key);
                  return ConvolvedGradient.isWanted(key.shape())
                      ? new ConvolvedGradient(device, key, plan)
                      : plan;
                }),
            onCuda(cuda -> new CudnnConvTranspose2d(cuda, key)));
  }

  /** {@code b} is null where the plan has no bias. */
  void forward(Tensor x, Tensor w, Tensor b, Tensor y);

  /** {@link #forward} with packed weights. */
  void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y);

  void backwardData(Tensor dy, Tensor w, Tensor dx);

  /** {@code db} is null where the plan has no bias. */
  void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db);
}
