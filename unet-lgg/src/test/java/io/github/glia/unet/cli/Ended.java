package io.github.glia.unet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** How the program ended that was run as a user runs it. */
record Ended(int code, String out, String err) {
  static Ended of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int code =
        commandLine.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
    return new Ended(code, out.toString(), err.toString());
  }

  static Ended succeeds(Object... arguments) {
    Ended ended = of(arguments);
    assertEquals(0, ended.code, ended.err);
    return ended;
  }

  /** It must say what is wrong, and neither more nor less than a user can read. */
  static void fails(int code, String message, Object... arguments) {
    Ended ended = of(arguments);
    assertEquals(code, ended.code, ended.err);
    assertTrue(ended.err.contains(message), ended.err);
    assertFalse(ended.err.contains("\tat "), ended.err);
  }

  /**
   * A process of its own, started by a command that takes the program as its arguments.
   *
   * @param output where its two streams go
   */
  static Process start(List<String> before, Path output, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Its counters would be a file, in the temporary folder, which may be limited here.
    command.add("-XX:-UsePerfData");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectOutput(output.resolve("out.txt").toFile())
        .redirectError(output.resolve("err.txt").toFile())
        .start();
  }

  /** How a process ended, when it has. */
  static Ended of(Process process, Path output) throws IOException, InterruptedException {
    int code = process.waitFor();
    return new Ended(
        code,
        Files.readString(output.resolve("out.txt"), StandardCharsets.UTF_8),
        Files.readString(output.resolve("err.txt"), StandardCharsets.UTF_8));
  }
}
