package io.github.glia.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.activation.Activation;
import io.github.glia.kernels.activation.ActivationPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What cannot be tried in this JVM: without oneDNN, or with a small heap. */
class CpuProviderTest {
  private static final int HEAP_MIB = 32;

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

  /** The program of a JVM whose heap is a small part of what its tensors take. */
  static final class ComputeBesideLargeTensors {
    public static void main(String[] args) {
      Shape shape = Shape.of(HEAP_MIB, 1 << 20);
      ActivationPlan.Key key = new ActivationPlan.Key(shape, DType.F32, Activation.SIGMOID);
      try (Scope scope = Scope.open()) {
        Tensor x = Tensor.zeros(Device.cpu(), DType.F32, shape);
        Tensor y = Tensor.zeros(Device.cpu(), DType.F32, shape);
        ActivationPlan.on(Device.cpu(), key).forward(x, y);
        System.out.println("computed " + y.slice(HEAP_MIB - 1, HEAP_MIB).toFloats()[0]);
      }
    }
  }

  @Test
  void computesWhereTensorsTakeEightTimesTheHeap() throws IOException, InterruptedException {
    String said =
        ask(ComputeBesideLargeTensors.class, List.of("-Xmx" + HEAP_MIB + "m"), jar -> true);
    assertTrue(said.contains("computed 0.5"), said);
  }

  @Test
  void saysWhyWithoutTheNativeLibrary() throws IOException, InterruptedException {
    String said =
        ask(
            AskForTheCpu.class,
            List.of(),
            jar -> !jar.matches(".*-(linux|macosx|windows)-.*\\.jar"));
    assertTrue(said.contains("oneDNN's native library does not load"), said);
    assertTrue(said.contains("jniOpenCL"), said);
  }

  @Test
  void saysWhyWhereNativeAccessIsDenied() throws IOException, InterruptedException {
    boolean canBeDenied = Runtime.version().feature() >= 24;
    List<String> deny = canBeDenied ? List.of("--illegal-native-access=deny") : List.of();
    String said = ask(AskForTheCpu.class, deny, jar -> true);
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

  private static String ask(Class<?> program, List<String> options, Jars jars)
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(jars::has)
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, program.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
