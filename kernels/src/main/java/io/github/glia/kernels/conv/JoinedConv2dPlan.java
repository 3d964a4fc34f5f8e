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
 * Convolution of two images, as if they were one: the channels of a, and then those of b. With Wa
 * the weights of the input channels that are a's, and Wb those that are b's,
 *
 * <pre>
 *   y   = bias + a∗Wa + b∗Wb
 *   da  = the gradient of a∗Wa, of dy and Wa
 *   db  = the gradient of b∗Wb, of dy and Wb
 *   dWa = the gradient of a∗Wa, of a and dy
 *   dWb = the gradient of b∗Wb, of b and dy
 * </pre>
 *
 * where ∗ and its gradients are those of {@link Conv2dPlan}: two convolutions, which together
 * multiply as often as one of both images does. Wa and Wb lie in one tensor w, the weights of all
 * input channels.
 *
 * <p>Images are in the plan's type; weights, bias and their gradients are F32, and so is every sum,
 * but for one: between the two convolutions y is kept in its own type. In half precision that
 * rounds it once more, which adds half a unit in its last place to the error of the result.
 *
 * <p>NaN comes out as NaN, and ∞ as ∞ or NaN. A fused ReLU may make NaN of −∞ also.
 *
 * <p>PyTorch equivalent: {@code torch.nn.functional.conv2d(torch.cat([a, b], dim=1), w, bias,
 * stride, padding, dilation)}, with {@code relu} after it where the plan is fused.
 */
public interface JoinedConv2dPlan extends PackingPlan {
  /**
   * What a plan depends on.
   *
   * @param type of all images
   * @param relu whether forward ends with max(0, ·), as in {@link Conv2dPlan.Key}
   */
  record Key(JoinedConv2dShape shape, DType type, boolean bias, boolean relu) {
    /** The convolution of the joined images. */
    Conv2dPlan.Key ofBoth() {
      return new Conv2dPlan.Key(shape.whole(), type, type, bias, relu);
    }
  }

  static JoinedConv2dPlan on(Device device, Key key) {
    Check.computes("joined conv2d", device, key.type());
    return Backend.of(device)
        .plan(
            key,
            onCpu(
                cpu ->
                    WinogradConv2d.paysOn(cpu, key.ofBoth())
                        ? new ConcatenatedConv2d(device, key, false)
                        : new OneDnnJoinedConv2d(cpu, key)),
            onCuda(cuda -> new ConcatenatedConv2d(device, key, true)));
  }

  /**
   * Whether it copies both images into one, and that is worth being kept: who will ask for {@link
   * #backwardWeights} had better join them himself, and convolve the one image. On a GPU; on the
   * CPU the memory is worth more than the time.
   */
  boolean wantsOneImage();

  /** {@code bias} is null where the plan has none. */
  void forward(Tensor a, Tensor b, Tensor w, Tensor bias, Tensor y);

  /** {@code da} or {@code db} is null where nobody wants it. */
  void backwardData(Tensor dy, Tensor w, Tensor da, Tensor db);

  /** {@code dbias} is null where the plan has no bias. */
  void backwardWeights(Tensor a, Tensor b, Tensor dy, Tensor dw, Tensor dbias);

  /** The same as {@link #forward} with weights from {@link #pack}. */
  void forwardPacked(Tensor a, Tensor b, Tensor packed, Tensor bias, Tensor y);
}
