package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AlgorithmFileTest {
  private static final String FIRST = "IMPLICIT_GEMM";
  private static final String SECOND = "BWD_DATA_ALGO_1";

  @TempDir private Path folder;

  private Path path() {
    return folder.resolve("new").resolve("convolutions.txt");
  }

  private AlgorithmFile file() {
    return new AlgorithmFile(path());
  }

  @Test
  void remembersWhatWasMeasuredInAnEarlierRun() {
    assertNull(file().get("x"));
    AlgorithmFile earlier = file();
    earlier.put("x", FIRST);
    earlier.put("y", SECOND);
    assertEquals(FIRST, file().get("x"));
    assertEquals(SECOND, file().get("y"));
    assertNull(file().get("z"));
  }

  @Test
  void keepsWhatAnotherProgramMeasuredMeanwhile() {
    AlgorithmFile ours = file();
    assertNull(ours.get("x"));
    file().put("x", FIRST);
    ours.put("y", SECOND);
    assertEquals(FIRST, file().get("x"));
    assertEquals(SECOND, file().get("y"));
  }

  @Test
  void ignoresADamagedFileAndMakesItAnew() throws IOException {
    file().put("x", FIRST);
    List<String> whole = Files.readAllLines(path());
    for (List<String> damaged :
        List.of(
            List.<String>of(),
            List.of("something else", whole.get(1)),
            List.of(whole.get(0), "1"),
            List.of(whole.get(0), whole.get(1), "IMPL"))) {
      Files.write(path(), damaged);
      AlgorithmFile file = file();
      assertNull(file.get("x"), () -> "from " + damaged);
      file.put("y", SECOND);
      assertNull(file().get("x"), () -> "from " + damaged);
      assertEquals(SECOND, file().get("y"), () -> "after " + damaged);
    }
  }

  @Test
  void ignoresAFileThatIsNoText() throws IOException {
    Files.createDirectories(path().getParent());
    Files.write(path(), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertNull(file().get("x"));
    file().put("x", FIRST);
    assertEquals(FIRST, file().get("x"));
  }

  @Test
  void remembersInMemoryWhereNothingCanBeWritten() throws IOException {
    Path notAFolder = Files.createFile(folder.resolve("file"));
    for (AlgorithmFile file :
        List.of(
            new AlgorithmFile(null), new AlgorithmFile(notAFolder.resolve("convolutions.txt")))) {
      assertNull(file.get("x"));
      file.put("x", FIRST);
      file.put("y", SECOND);
      assertEquals(FIRST, file.get("x"));
      assertEquals(SECOND, file.get("y"));
    }
  }

  @Test
  void isWholeAtEveryMomentAndLeavesNothingBeside() throws Exception {
    List<Thread> writers =
        Stream.of("a", "b")
            .map(
                name ->
                    new Thread(
                        () -> {
                          AlgorithmFile file = file();
                          IntStream.range(0, 50).forEach(i -> file.put(name + i, FIRST));
                        }))
            .toList();
    file().put("x", SECOND);
    writers.forEach(Thread::start);
    while (writers.stream().anyMatch(Thread::isAlive)) {
      assertEquals(SECOND, file().get("x"));
    }
    for (Thread writer : writers) {
      writer.join();
    }
    assertTrue(Files.readAllLines(path()).size() > 50);
    try (Stream<Path> left = Files.list(path().getParent())) {
      assertEquals(List.of(path()), left.toList());
    }
  }
}
