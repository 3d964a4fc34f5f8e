package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.pool.MaxPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Tensors of bytes that hold larger elements: at other addresses than those may have a kernel would
 * fail, and the device be lost.
 */
final class HeldInBytesSoftwareCudaTest {
  private final SoftwareCuda software = SoftwareCuda.device();
  private final Device device = Device.named("cuda");
  private final Scope scope = Scope.open();
  private final long faults = software.faults();

  @AfterEach
  void nothingFailed() {
    scope.close();
    assertEquals(faults, software.faults(), software::lastFault);
  }

  /** Of that many bytes, beside one more. */
  private Tensor notAligned(Shape shape) {
    int count = Math.toIntExact(shape.count());
    return Tensor.zeros(device, DType.U8, Shape.of(count + 1)).slice(1, count + 1).reshape(shape);
  }

  private static void assertRefused(int multiple, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains("must begin at a multiple of " + multiple + " bytes"), message);
  }

  @Test
  void packedWeights() {
    Conv2dShape s = Conv2dShape.same(1, 4, 4, 8, 8, 3);
    Conv2dPlan plan =
        Conv2dPlan.on(device, new Conv2dPlan.Key(s, DType.BF16, DType.BF16, false, false));
    Tensor x = Tensor.zeros(device, DType.BF16, s.input());
    Tensor y = Tensor.zeros(device, DType.BF16, s.output());
    Tensor w = Tensor.zeros(device, DType.F32, s.weights());
    Tensor packed = notAligned(Shape.of(Math.toIntExact(plan.packedBytes())));
    assertRefused(2, () -> plan.pack(w, packed));
    assertRefused(2, () -> plan.forwardPacked(x, packed, null, y));
    device.synchronize();
  }

  @Test
  void indicesOfLargeWindows() {
    Pool2dShape s = new Pool2dShape(1, 20, 20, 1, 17, 17, 1, 1, 0, 0);
    MaxPool2dPlan plan = MaxPool2dPlan.on(device, new MaxPool2dPlan.Key(s, DType.F32));
    Tensor x = Tensor.zeros(device, DType.F32, s.input());
    Tensor y = Tensor.zeros(device, DType.F32, s.output());
    Tensor indices = notAligned(plan.indices());
    assertRefused(4, () -> plan.forward(x, y, indices));
    assertRefused(4, () -> plan.backward(y, indices, x));
    device.synchronize();
  }

  @Test
  void indicesOfSmallWindowsAreBytes() {
    Pool2dShape s = new Pool2dShape(1, 4, 4, 8, 2, 2, 2, 2, 0, 0);
    MaxPool2dPlan plan = MaxPool2dPlan.on(device, new MaxPool2dPlan.Key(s, DType.F32));
    Tensor x = Tensor.zeros(device, DType.F32, s.input());
    Tensor y = Tensor.zeros(device, DType.F32, s.output());
    plan.forward(x, y, notAligned(plan.indices()));
    device.synchronize();
  }
}
