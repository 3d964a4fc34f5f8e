package io.github.glia.kernels.conv;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.PackingPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * Convolution. With stride s, padding p and dilation d, for each image, each output channel o of
 * group g and each place (i, j):
 *
 * <pre>
 *   y[i, j, o]     = b[o] + Σ(u, v, c) x[s·i + d·u − p, s·j + d·v − p, c] · w[o, u, v, c]
 *   dx[k, l, c]    = Σ(o, u, v) dy[i, j, o] · w[o, u, v, c]   where s·i + d·u − p = k, s·j + d·v − p = l
 *   dw[o, u, v, c] = Σ(n, i, j) dy[i, j, o] · x[s·i + d·u − p, s·j + d·v − p, c]
 *   db[o]          = Σ(n, i, j) dy[i, j, o]
 * </pre>
 *
 * where c runs over the input channels of g, and x is 0 outside the image.
 *
 * <p>Images are in the plan's type; weights, bias and their gradients are F32, and so is every sum.
 *
 * <p>NaN comes out as NaN, and ∞ as ∞ or NaN. A fused ReLU may make NaN of −∞ also, so that sums
 * that overflowed show.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.conv2d(x, w, b, stride, padding, dilation,
 * groups)}, with {@code relu} after it where the plan is fused.
 */
public interface Conv2dPlan extends PackingPlan {
  /**
   * What a plan depends on.
   *
   * @param input type of x and dx
   * @param output type of y and dy
   * @param relu whether forward ends with max(0, ·): NaN stays NaN, −∞ may become NaN, and 0 may
   *     have either sign; backward is of the convolution alone, so dy goes through the ReLU's
   *     backward first
   */
  record Key(Conv2dShape shape, DType input, DType output, boolean bias, boolean relu) {}

  static Conv2dPlan on(Device device, Key key) {
    Check.computes("conv2d", device, key.input());
    Check.computes("conv2d", device, key.output());
    return Backend.of(device)
        .plan(
            key,
            onCpu(
                cpu ->
                    WinogradConv2d.paysOn(cpu, key)
                        ? new WinogradConv2d(cpu, key)
                        : new OneDnnConv2d(cpu, key)),
            onCuda(
                cuda ->
                    CublasPointwiseConv2d.computes(key)
                        ? new CublasPointwiseConv2d(cuda, key)
                        : new CudnnConv2d(cuda, key)));
  }

  /** {@code b} is null where the plan has no bias. */
  void forward(Tensor x, Tensor w, Tensor b, Tensor y);

  void backwardData(Tensor dy, Tensor w, Tensor dx);

  /** {@code db} is null where the plan has no bias. */
  void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db);

  /** The same as {@link #forward} with weights from {@link #pack}. */
  void forwardPacked(Tensor x, Tensor packed, Tensor b, Tensor y);
}
