package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.glia.kernels.cuda.SoftwareCuda.Kept;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every call of the driver, of cuDNN and of cuBLAS that the backend makes fails once on purpose.
 * The error says which operation it was, on what, and what the library said; nothing leaks; and the
 * same operation computes the same as before when the fault is gone.
 */
final class FaultsSoftwareCudaTest {
  private final Set<String> failed = new TreeSet<>();

  @TestFactory
  Stream<DynamicTest> everyCallFailsOnce() {
    SoftwareCuda software = SoftwareCuda.device();
    Stream<DynamicTest> opening =
        Stream.of(
            dynamicTest("opening a device", () -> new OpeningFaults(software, failed).check()));
    Stream<DynamicTest> operations =
        Stream.of(
                DeviceOperations.all(),
                ImageOperations.all(),
                NetworkOperations.all(),
                TrainingOperations.all())
            .flatMap(List::stream)
            .map(operation -> dynamicTest(operation.name(), () -> check(software, operation)));
    Stream<DynamicTest> all =
        Stream.of(dynamicTest("no call is forgotten", () -> NativeCalls.assertAllIn(failed)));
    return Stream.of(opening, operations, all).flatMap(s -> s);
  }

  private void check(SoftwareCuda software, Operation operation) {
    Device device = Device.named("cuda");
    long faults = software.faults();
    try (Scope scope = Scope.open()) {
      Operation.Ready ready = operation.preparation().on(device);
      Trial trial = new Trial(software, device, operation.says(), ready);
      failed.addAll(trial.failEachCallOfComputing());
      failed.addAll(trial.failEachCallOfReleasing());
    }
    assertEquals(faults, software.faults(), software::lastFault);
  }

  /** One operation, again and again. */
  private static final class Trial {
    private final SoftwareCuda software;
    private final Device device;
    private final String says;
    private final Operation.Ready operation;
    private final List<float[]> expected;

    Trial(SoftwareCuda software, Device device, String says, Operation.Ready operation) {
      this.software = software;
      this.device = device;
      this.says = says;
      this.operation = operation;
      operation.results().forEach(Tensor::zero);
      operation.run().run();
      expected = operation.results().stream().map(Tensor::toFloats).toList();
      device.releaseCaches();
    }

    Set<String> failEachCallOfComputing() {
      Map<String, Long> calls = software.callsOf(operation.run());
      device.releaseCaches();
      calls.forEach(
          (function, times) -> {
            for (long n = 1; n <= times; n++) {
              Map<Kept, Long> before = software.kept();
              RuntimeException error = failure(function, n, operation.run());
              Failures.assertTold(error, function, says);
              device.releaseCaches();
              assertKept(before, function);
              assertComputes(function);
            }
          });
      return calls.keySet();
    }

    Set<String> failEachCallOfReleasing() {
      operation.run().run();
      Map<String, Long> calls = software.callsOf(device::releaseCaches);
      calls.forEach(
          (function, times) -> {
            for (long n = 1; n <= times; n++) {
              Map<Kept, Long> before = software.kept();
              operation.run().run();
              Failures.assertTold(failure(function, n, device::releaseCaches), function, "");
              device.releaseCaches();
              assertKept(before, function);
              assertComputes(function);
            }
          });
      return calls.keySet();
    }

    /** Nothing is lost but what itself failed to be released. */
    private void assertKept(Map<Kept, Long> before, String failed) {
      Map<Kept, Long> after = software.kept();
      long lost = total(after) - total(before);
      assertTrue(
          lost == 0 || (lost == 1 && Failures.isRelease(failed)),
          () -> "after a failure of " + failed + " there is " + after + ", before " + before);
    }

    private static long total(Map<Kept, Long> kept) {
      return kept.values().stream().mapToLong(n -> n).sum();
    }

    /** The error of some work of which one call fails. */
    private RuntimeException failure(String function, long n, Runnable work) {
      software.fail(function, n, Failures.codeFor(function));
      RuntimeException error = null;
      try {
        work.run();
      } catch (RuntimeException e) {
        error = e;
      }
      assertTrue(software.disarm(), () -> "call " + n + " of " + function + " was not made again");
      assertNotNull(error, () -> "nothing was said of a failure of call " + n + " of " + function);
      return error;
    }

    private void assertComputes(String failed) {
      operation.results().forEach(Tensor::zero);
      operation.run().run();
      for (int i = 0; i < expected.size(); i++) {
        int result = i;
        assertArrayEquals(
            expected.get(i),
            operation.results().get(i).toFloats(),
            () -> "result " + result + " after a failure of " + failed);
      }
      device.releaseCaches();
    }
  }
}
