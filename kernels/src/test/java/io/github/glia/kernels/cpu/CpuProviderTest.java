package io.github.glia.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Device;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is said where oneDNN does not load, in a JVM that has it not. */
class CpuProviderTest {
  /** The program of that JVM. */
  static final class AskForTheCpu {
    public static void main(String[] args) {
      try {
        System.out.println(Device.cpu());
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void saysWhyWithoutTheNativeLibrary() throws IOException, InterruptedException {
    String said = ask(List.of(), jar -> !jar.matches(".*-(linux|macosx|windows)-.*\\.jar"));
    assertTrue(said.contains("oneDNN's native library does not load"), said);
    assertTrue(said.contains("jniOpenCL"), said);
  }

  @Test
  void saysWhyWhereNativeAccessIsDenied() throws IOException, InterruptedException {
    boolean canBeDenied = Runtime.version().feature() >= 24;
    List<String> deny = canBeDenied ? List.of("--illegal-native-access=deny") : List.of();
    String said = ask(deny, jar -> true);
    assertTrue(said.contains(canBeDenied ? "Illegal native access" : "cpu"), said);
  }

  @Test
  void theFirstCauseIsTheReason() {
    Throwable denied = new IllegalCallerException("Illegal native access from: unnamed module");
    assertEquals(denied.getMessage(), CpuProvider.reason(new ExceptionInInitializerError(denied)));
    assertEquals("java.lang.LinkageError", CpuProvider.reason(new LinkageError()));
  }

  private interface Jars {
    boolean has(String jar);
  }

  private static String ask(List<String> options, Jars jars)
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(jars::has)
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, AskForTheCpu.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
