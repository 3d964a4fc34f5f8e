package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Libraries that need each other. */
class PreloadTest {
  private static final Path A = Path.of("/lib/a");
  private static final Path B = Path.of("/lib/b");
  private static final Path C = Path.of("/lib/c");
  private final List<Path> loaded = new ArrayList<>();

  private void needs(String file, Path library, Path need) {
    if (Path.of(file).equals(library) && !loaded.contains(need)) {
      throw new UnsatisfiedLinkError(library + ": " + need + ": cannot open");
    }
  }

  @Test
  void theOrderIsFound() {
    Map<Path, String> failures =
        Preload.all(
            List.of(A, B, C),
            file -> {
              needs(file, A, B);
              needs(file, B, C);
              loaded.add(Path.of(file));
            });
    assertEquals(Map.of(), failures);
    assertEquals(List.of(C, B, A), loaded);
  }

  @Test
  void whatFailsDoesNotKeepTheOthers() {
    Map<Path, String> failures =
        Preload.all(
            List.of(A, B),
            file -> {
              needs(file, A, C);
              loaded.add(Path.of(file));
            });
    assertEquals(Map.of(A, "/lib/a: /lib/c: cannot open"), failures);
    assertEquals(List.of(B), loaded);
  }

  @Test
  void theReasonInWhatJcudaThrows() {
    String thrown =
        """
        Error while loading native library "JCublas2-12.6.0-linux-x86_64"
        Stack trace from the attempt to load the library as a file:
        java.lang.UnsatisfiedLinkError: no JCublas2 in java.library.path
            at java.lang.System.loadLibrary
        Stack trace from the attempt to load the library as a resource:
        java.lang.UnsatisfiedLinkError: libJCublas2.so: libcublas.so.12: cannot open
            at java.lang.System.load
        """;
    assertEquals(
        "libJCublas2.so: libcublas.so.12: cannot open",
        Reasons.of(new UnsatisfiedLinkError(thrown)));
    assertEquals("java.lang.LinkageError", Reasons.of(new LinkageError()));
  }
}
