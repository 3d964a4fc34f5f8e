package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a timer counts, on the software device. */
final class StreamTimerSoftwareCudaTest {
  private final SoftwareCuda software = SoftwareCuda.device();
  private final Device device = Device.named("cuda");
  private final CudaBackend cuda = (CudaBackend) Backend.of(device);

  @Test
  void countsTheWorkBetweenItsStartAndItsEndAlone() {
    try (Scope scope = Scope.open();
        StreamTimer around = new StreamTimer(cuda);
        StreamTimer after = new StreamTimer(cuda)) {
      Tensor large = Tensor.empty(device, DType.U8, Shape.of(256 << 20));
      around.start();
      large.zero();
      around.stop();
      after.start();
      after.stop();
      double work = around.milliseconds();
      assertTrue(work > 1, work + " ms for 256 MiB");
      assertTrue(after.milliseconds() < work / 2, after.milliseconds() + " ms after " + work);
      around.start();
      around.stop();
      assertTrue(around.milliseconds() < work / 2, "used again: " + around.milliseconds());
    }
  }

  @Test
  void leavesNothing() {
    device.synchronize();
    Map<SoftwareCuda.Kept, Long> before = software.kept();
    try (StreamTimer timer = new StreamTimer(cuda)) {
      assertEquals(
          before.get(SoftwareCuda.Kept.EVENTS) + 2, software.kept().get(SoftwareCuda.Kept.EVENTS));
      timer.start();
    }
    assertEquals(before, software.kept());
  }
}
