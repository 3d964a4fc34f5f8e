package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.cuda.SoftwareCuda.Kept;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What is made once for a device and kept as long as it: each call fails once, and is repeated. */
final class OpeningFaults {
  private static final int COPIED_BYTES = 16;
  private static final Map<String, Consumer<CudaBackend>> FIRST_USES = new LinkedHashMap<>();

  static {
    FIRST_USES.put("elementwise.ptx", cuda -> cuda.kernel("elementwise", "add_f32"));
    FIRST_USES.put("cuDNN says", CudaBackend::cudnn);
    FIRST_USES.put("cuBLAS says", CudaBackend::cublas);
  }

  private final SoftwareCuda software;
  private final Set<String> failed;

  OpeningFaults(SoftwareCuda software, Set<String> failed) {
    this.software = software;
    this.failed = failed;
  }

  void check() {
    Map<String, Long> calls = software.callsOf(() -> new CudaBackend(0));
    calls.forEach(
        (function, times) -> {
          for (long n = 1; n <= times; n++) {
            Map<Kept, Long> before = software.kept();
            fail(function, n, "", () -> new CudaBackend(0));
            assertEquals(before, software.kept(), () -> "kept after a failure of " + function);
          }
        });
    FIRST_USES.forEach(this::checkFirstUse);
    CudaBackend owner = new CudaBackend(0);
    long address = owner.allocate(COPIED_BYTES);
    try {
      checkFirstUse("", cuda -> copyIn(cuda, address));
    } finally {
      owner.free(address);
    }
  }

  private void checkFirstUse(String says, Consumer<CudaBackend> use) {
    CudaBackend whole = new CudaBackend(0);
    Map<Kept, Long> before = software.kept();
    Map<String, Long> calls = software.callsOf(() -> use.accept(whole));
    Map<Kept, Long> kept = difference(software.kept(), before);
    calls.forEach(
        (function, times) -> {
          for (long n = 1; n <= times; n++) {
            CudaBackend cuda = new CudaBackend(0);
            Map<Kept, Long> opened = software.kept();
            fail(function, n, says, () -> use.accept(cuda));
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
