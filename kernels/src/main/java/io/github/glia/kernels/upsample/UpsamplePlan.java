package io.github.glia.kernels.upsample;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * Upsampling by whole numbers. For each image, each channel and each place (i, j) of the output:
 *
 * <pre>
 *   y[i, j]  = Σ(k, l) a(i, k) · b(j, l) · x[k, l]
 *   dx[k, l] = Σ(i, j) a(i, k) · b(j, l) · dy[i, j]
 * </pre>
 *
 * where a, for a scale of s (and b in the same way), is
 *
 * <pre>
 *   nearest:   a(i, k) = 1 where k = ⌊i / s⌋, otherwise 0
 *   bilinear:  a(i, k) = max(0, 1 − |t − k|)   with t = (i + ½) / s − ½, but not outside the image
 * </pre>
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.interpolate(x, scale_factor=scale, mode=mode)}
 * with {@code "nearest"} or {@code "bilinear"}, and {@code align_corners=False}.
 */
public interface UpsamplePlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of x, y and their gradients
   */
  record Key(UpsampleShape shape, Interpolation interpolation, DType type) {}

  static UpsamplePlan on(Device device, Key key) {
    Check.computes("upsample", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnUpsample(cpu, key)),
            onCuda(cuda -> new CudaUpsample(cuda, key)));
  }

  void forward(Tensor x, Tensor y);

  void backward(Tensor dy, Tensor dx);
}
