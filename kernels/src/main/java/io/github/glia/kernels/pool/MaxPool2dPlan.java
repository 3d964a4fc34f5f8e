package io.github.glia.kernels.pool;

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
 * Max pooling. With stride s and padding p, for each image, each channel and each place (i, j):
 *
 * <pre>
 *   y[i, j]  = max(u, v) x[s·i + u − p, s·j + v − p]
 *   dx[k, l] = Σ(i, j) dy[i, j]   where x[k, l] is the one that y[i, j] was taken from
 * </pre>
 *
 * where u, v run over the part of the window that is inside the image. Of several equal maxima y is
 * taken from the first, row by row. NaN is larger than every number, and of several the last is
 * taken.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.max_pool2d(x, kernel, stride, padding)}.
 */
public interface MaxPool2dPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param type of x, y and their gradients; I8 for inference alone
   */
  record Key(Pool2dShape shape, DType type) {}

  static MaxPool2dPlan on(Device device, Key key) {
    Check.computesQuantizedToo("maxpool2d", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(
                cpu ->
                    key.type() == DType.I8
                        ? new OneDnnQuantizedMaxPool2d(cpu, key)
                        : new OneDnnMaxPool2d(cpu, key)),
            onCuda(cuda -> new CudaMaxPool2d(cuda, key)));
  }

  /**
   * The shape of the U8 tensor that says where each y was taken from. Only {@link #backward} of the
   * same plan reads it.
   */
  Shape indices();

  /** {@code indices} is null in inference. */
  void forward(Tensor x, Tensor y, Tensor indices);

  void backward(Tensor dy, Tensor indices, Tensor dx);
}
