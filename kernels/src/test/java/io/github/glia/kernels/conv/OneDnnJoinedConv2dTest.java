package io.github.glia.kernels.conv;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What oneDNN chooses where one convolution adds to another, of weights among others. */
final class OneDnnJoinedConv2dTest extends KernelContract {
  private static final int PRIMITIVES_OF_A_PART = 6;

  @TestFactory
  Stream<DynamicTest> hasFastPrimitivesAlone() {
    return onEveryDevice(
        6,
        List.of(DType.F32, DType.BF16, DType.F16),
        c -> {
          assumeTrue(Backend.of(c.device()) instanceof CpuBackend, "oneDNN is of the CPU");
          int channels = c.oneOf(8, 32, 64);
          JoinedConv2dShape s =
              new JoinedConv2dShape(
                  Conv2dShape.same(2, 16, 16, 2 * channels, channels, 3), channels);
          boolean folded = c.random().nextBoolean();
          OneDnnJoinedConv2d plan =
              new OneDnnJoinedConv2d(
                  (CpuBackend) Backend.of(c.device()),
                  new JoinedConv2dPlan.Key(s, c.type(), folded, folded));
          Tensor a = c.output(s.a());
          Tensor b = c.output(s.b());
          Tensor w = c.output(DType.F32, s.weights());
          Tensor bias = folded ? c.output(DType.F32, s.bias()) : null;
          Tensor y = c.output(s.output());
          plan.forward(a, b, w, bias, y);
          plan.backwardData(y, w, a, b);
          plan.backwardWeights(a, b, y, w, bias);
          int rounding = c.type() == DType.F32 ? 0 : 1;
          Implementations.assertFast(2 * (PRIMITIVES_OF_A_PART + rounding), plan);
          plan.close();
        });
  }
}
