package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Recording;
import io.github.glia.kernels.cuda.SoftwareCuda.Kept;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What depends on who does what when: contexts, recordings and other threads. */
final class OrderSoftwareCudaTest {
  private static final int COUNT = 64;
  private static final long BYTES = COUNT * Float.BYTES;

  private final SoftwareCuda software = SoftwareCuda.device();
  private final Device device = Device.named("cuda");
  private final CudaBackend cuda = (CudaBackend) Backend.of(device);
  private final long faults = software.faults();

  @BeforeEach
  void forgetsWhatWasThereBefore() {
    device.releaseCaches();
  }

  @AfterEach
  void noRuleWasBroken() {
    software.offerDevices(0);
    device.releaseCaches();
    assertEquals(faults, software.faults(), software::lastFault);
  }

  @Test
  void aGpuIsOpenedWhenItIsFirstUsed() {
    long before = contexts();
    CudaBackend unused = new CudaBackend(0);
    assertTrue(unused.description().contains("multiprocessors"));
    assertEquals(before, contexts());
    unused.synchronize();
    unused.synchronize();
    assertEquals(before + 1, contexts());
  }

  private long contexts() {
    return software.kept().get(Kept.CONTEXTS);
  }

  @Test
  void aThreadUsesTwoGpusInTurns() {
    software.offerDevices(2);
    CudaBackend first = new CudaBackend(0);
    CudaBackend second = new CudaBackend(1);
    long ofFirst = first.allocate(BYTES);
    long ofSecond = second.allocate(BYTES);
    for (int turn = 0; turn < 2; turn++) {
      first.zero(ofFirst, BYTES);
      second.zero(ofSecond, BYTES);
    }
    first.synchronize();
    second.synchronize();
    first.free(ofFirst);
    second.free(ofSecond);
  }

  @Test
  void theWorkspaceMayGrowInARecording() {
    Map<Kept, Long> before = software.kept();
    float[] values = new float[COUNT];
    Arrays.fill(values, 3);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, Shape.of(COUNT), values);
      Tensor y = x.emptyLike();
      Tensor z = x.emptyLike();
      try (Recording recording =
          cuda.record(
              () -> {
                copyByWorkspace(x, y, BYTES);
                copyByWorkspace(x, z, 1000 * BYTES);
              })) {
        y.zero();
        z.zero();
        recording.replay();
        assertArrayEquals(values, y.toFloats());
        assertArrayEquals(values, z.toFloats());
      }
    }
    assertEquals(before.get(Kept.GRAPH_EXECUTABLES), software.kept().get(Kept.GRAPH_EXECUTABLES));
  }

  private void copyByWorkspace(Tensor from, Tensor to, long bytes) {
    cuda.begins("copy");
    long workspace = cuda.workspace(bytes);
    cuda.copy(from.address(), workspace, BYTES);
    cuda.copy(workspace, to.address(), BYTES);
    cuda.ended("copy", "", 0);
  }

  @Test
  void memoryFreedInARecordingStaysUntilItsEnd() {
    long before = allocations();
    long address = cuda.allocate(BYTES);
    Recording recording =
        cuda.record(
            () -> {
              cuda.zero(address, BYTES);
              cuda.free(address);
            });
    assertEquals(before + 1, allocations());
    recording.replay();
    recording.close();
    assertEquals(before, allocations());
  }

  private long allocations() {
    return software.kept().get(Kept.ALLOCATIONS);
  }

  @Test
  void anotherThreadMayPrepareWorkWhileThisOneRecords() {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, DType.F32, Shape.of(COUNT));
      cuda.record(
              () -> {
                x.zero();
                await(other.submit(this::prepare));
              })
          .close();
    } finally {
      other.shutdownNow();
    }
  }

  /** Takes memory from the device, and makes a plan. */
  private void prepare() {
    try (Scope scope = Scope.open()) {
      Tensor.empty(device, DType.F32, Shape.of(48 << 20));
      AddPlan.on(device, new AddPlan.Key(Shape.of(COUNT, 7), DType.F32));
    }
  }

  private static void await(Future<?> work) {
    try {
      work.get(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("the other thread waits for the recording", e);
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
