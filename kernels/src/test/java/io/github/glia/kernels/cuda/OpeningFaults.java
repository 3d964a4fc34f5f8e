package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.cuda.SoftwareCuda.Kept;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What is made once for a device and kept as long as it: each call fails once, and is repeated. */
final class OpeningFaults {
  private static final int COPIED_BYTES = 16;

  private record FirstUse(String says, Consumer<CudaBackend> use) {}

  private static final List<FirstUse> FIRST_USES =
      List.of(
          new FirstUse("elementwise.ptx", cuda -> cuda.kernel("elementwise", "add_f32")),
          new FirstUse("cuDNN says", CudaBackend::cudnn),
          new FirstUse("", CudaBackend::cublas));

  private final SoftwareCuda software;
  private final Set<String> failed;

  OpeningFaults(SoftwareCuda software, Set<String> failed) {
    this.software = software;
    this.failed = failed;
  }

  void check() {
    Map<String, Long> calls = software.callsOf(OpeningFaults::open);
    calls.forEach(
        (function, times) -> {
          for (long n = 1; n <= times; n++) {
            Map<Kept, Long> before = software.kept();
            fail(function, n, "", OpeningFaults::open);
            assertEquals(before, software.kept(), () -> "kept after a failure of " + function);
          }
        });
    FIRST_USES.forEach(this::check);
    CudaBackend owner = new CudaBackend(0);
    long address = owner.allocate(COPIED_BYTES);
    try {
      check(new FirstUse("", cuda -> copyIn(cuda, address)));
    } finally {
      owner.free(address);
    }
  }

  /** The context of a GPU is opened when it is first used. */
  private static CudaBackend open() {
    CudaBackend cuda = new CudaBackend(0);
    cuda.begins("open");
    cuda.ended("open", "", 0);
    return cuda;
  }

  private void check(FirstUse first) {
    Consumer<CudaBackend> use = first.use();
    CudaBackend whole = open();
    Map<Kept, Long> before = software.kept();
    Map<String, Long> calls = software.callsOf(() -> use.accept(whole));
    Map<Kept, Long> kept = difference(software.kept(), before);
    calls.forEach(
        (function, times) -> {
          for (long n = 1; n <= times; n++) {
            CudaBackend cuda = open();
            Map<Kept, Long> opened = software.kept();
            fail(function, n, first.says(), () -> use.accept(cuda));
            use.accept(cuda);
            assertEquals(
                kept,
                difference(software.kept(), opened),
                () -> "kept after a failure of " + function + " and a success");
          }
        });
  }

  /** Twice, for both pieces of pinned memory. */
  private static void copyIn(CudaBackend cuda, long address) {
    cuda.copyIn(ByteBuffer.allocateDirect(COPIED_BYTES), address);
    cuda.copyIn(ByteBuffer.allocateDirect(COPIED_BYTES), address);
  }

  private void fail(String function, long n, String says, Runnable work) {
    failed.add(function);
    software.fail(function, n, Failures.codeFor(function));
    RuntimeException error = assertThrows(RuntimeException.class, work::run, function);
    assertTrue(software.disarm(), function);
    Failures.assertTold(error, function, says);
  }

  private static Map<Kept, Long> difference(Map<Kept, Long> after, Map<Kept, Long> before) {
    after.replaceAll((kept, n) -> n - before.get(kept));
    return after;
  }
}
