package io.github.glia.kernels.pool;

import static io.github.glia.kernels.cpu.CpuBackend.onCpu;
import static io.github.glia.kernels.cuda.CudaBackend.onCuda;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Check;
import io.github.glia.kernels.Plan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Tensor;

/**
 * Average pooling. With a window of h × w, stride s and padding p, for each image, each channel and
 * each place (i, j):
 *
 * <pre>
 *   y[i, j]  = Σ(u, v) x[s·i + u − p, s·j + v − p] / area[i, j]
 *   dx[k, l] = Σ(i, j) dy[i, j] / area[i, j]   where (k, l) is in the window of (i, j)
 * </pre>
 *
 * where x is 0 outside the image, and area is h·w where padding counts, and otherwise the number of
 * places of the window that are inside the image.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.avg_pool2d(x, kernel, stride, padding,
 * count_include_pad=countPadding)}.
 */
public interface AvgPool2dPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of x, y and their gradients
   * @param countPadding whether places outside the image count in the average
   */
  record Key(Pool2dShape shape, DType type, boolean countPadding) {}

  static AvgPool2dPlan on(Device device, Key key) {
    Check.computes("avgpool2d", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(cpu -> new OneDnnAvgPool2d(cpu, key)),
            onCuda(cuda -> new CudaAvgPool2d(cuda, key)));
  }

  void forward(Tensor x, Tensor y);

  void backward(Tensor dy, Tensor dx);
}
