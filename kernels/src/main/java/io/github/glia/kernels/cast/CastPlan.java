package io.github.glia.kernels.cast;

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
 * The same numbers in another type, rounded to nearest, ties to even: from U8 and every floating
 * type to every floating one, also where the device does not compute in them. I8 is none of these,
 * since its numbers are multiples of a step that no tensor knows.
 *
 * <pre>
 *   y  = x, rounded to {@code to}
 *   dx = dy, rounded to {@code from}
 * </pre>
 *
 * <p>So backward is the cast in the other direction. A U8 becomes 0 … 255. What is too large for
 * the type becomes an infinity; numbers below 2⁻¹²⁶ may become 0 on the way to BF16.
 *
 * <p>PyTorch equivalent: {@code x.to(dtype)}.
 */
public interface CastPlan extends Plan {
  /** What a plan depends on. */
  record Key(Shape shape, DType from, DType to) {
    public Key {
      if (!to.isFloating()) {
        throw Check.failed("cast", "the type to cast to must be floating, but is " + to);
      }
      if (from == DType.I8) {
        throw Check.failed("cast", "I8 are multiples of a step, not numbers of their own");
      }
    }
  }

  static CastPlan on(Device device, Key key) {
    return Backend.of(device)
        .plan(
            key,
            onCpu(
                cpu ->
                    key.from() == DType.F16 || key.to() == DType.F16
                        ? new CpuCast(cpu, key)
                        : new OneDnnCast(cpu, key)),
            onCuda(cuda -> new CudaCast(cuda, key)));
  }

  void forward(Tensor x, Tensor y);
}
