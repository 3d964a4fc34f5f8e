package io.github.glia.nn.lessons;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.nn.docs.CodeBlock;
import io.github.glia.tensor.Device;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each lesson shows what its program prints. */
class LessonsTest {
  private static final Path DOCS = Path.of("..", "docs", "backprop");

  static List<Path> lessons() throws IOException {
    try (Stream<Path> files = Files.list(DOCS)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d\\d-.*\\.md"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("lessons")
  void showsWhatItsProgramPrints(Path lesson) throws IOException, ReflectiveOperationException {
    List<CodeBlock> outputs =
        CodeBlock.in(lesson).stream().filter(block -> block.kind().equals("output")).toList();
    assertEquals(1, outputs.size(), "blocks of output in " + lesson);
    CodeBlock output = outputs.get(0);
    String prefix = "nn/src/test/java/";
    assertTrue(output.file().startsWith(prefix), output.place());
    String name = output.file().substring(prefix.length()).replace('/', '.').replace(".java", "");
    assertEquals(
        String.join("\n", output.lines()),
        String.join("\n", printedBy(Class.forName(name))),
        output.place());
    assertEquals(0, Device.cpu().memory().liveBytes(), () -> Device.cpu().memory().report());
  }

  @Test
  void everyProgramHasItsLesson() throws IOException {
    Set<String> shown = new TreeSet<>();
    for (Path lesson : lessons()) {
      for (CodeBlock block : CodeBlock.in(lesson)) {
        if (block.kind().equals("output")) {
          shown.add(Path.of(block.file()).getFileName().toString());
        }
      }
    }
    Path programs = Path.of("src", "test", "java", "io", "github", "glia", "nn", "lessons");
    Set<String> written = new TreeSet<>();
    try (Stream<Path> files = Files.list(programs)) {
      files.map(file -> file.getFileName().toString()).forEach(written::add);
    }
    written.removeAll(Set.of("package-info.java", "LessonsTest.java"));
    assertEquals(written, shown);
  }

  private static List<String> printedBy(Class<?> program) throws ReflectiveOperationException {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      program.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(console);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
