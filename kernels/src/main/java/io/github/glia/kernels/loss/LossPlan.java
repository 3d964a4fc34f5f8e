package io.github.glia.kernels.loss;

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
 * A {@link Loss} of logits against the truth:
 *
 * <pre>
 *   loss = L(x, t)
 *   dx   = dLoss · dL/dx
 * </pre>
 *
 * The formulas of L and dL/dx are with each loss. Logits, loss and gradients are F32; sums are in
 * double and the same with any number of threads.
 *
 * <p>PyTorch equivalent: {@code loss(x, t).backward(dLoss)}, each loss as its own page says; those
 * that PyTorch does not have are written with {@code torch.sigmoid(x)} and {@code sum}.
 */
public interface LossPlan extends Plan {
  /**
   * What a plan depends on.
   *
   * @param logits the shape of x and dx, {@code [batch, height, width, channels]}
   * @param truth the type of the truth: {@code U8}, 0 or 1, or {@code F32}, from 0 to 1; class
   *     indices in either for {@link CrossEntropy}
   */
  record Key(Shape logits, DType truth, Loss loss) {
    public Key {
      if (truth != DType.F32 && truth != DType.U8) {
        throw Check.failed("loss " + loss, "the truth must be F32 or U8, but is " + truth);
      }
    }

    /** The shape of the truth: that of the logits, but one class index a pixel. */
    public Shape truthShape() {
      return truthIsClass() ? logits.with(-1, 1) : logits;
    }

    boolean truthIsClass() {
      return loss instanceof CrossEntropy;
    }

    /** The last class, or 1, which is certainty. */
    int largestTruth() {
      return truthIsClass() ? logits.size(-1) - 1 : 1;
    }
  }

  static LossPlan on(Device device, Key key) {
    return Backend.of(device)
        .plan(key, onCpu(cpu -> CpuLoss.of(cpu, key)), onCuda(cuda -> CudaLoss.of(cuda, key)));
  }

  /**
   * Writes the loss, F32 of one element.
   *
   * <p>A truth that is out of its range is an error. The CPU refuses it; a GPU would have to be
   * waited for to say so, and gives NaN instead, as the loss and in every gradient that comes of
   * that element.
   */
  void forward(Tensor x, Tensor t, Tensor loss);

  /** {@code dLoss} is F32 of one element. */
  void backward(Tensor x, Tensor t, Tensor dLoss, Tensor dx);
}
