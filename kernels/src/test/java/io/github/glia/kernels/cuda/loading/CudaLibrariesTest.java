package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is said in processes that have no CUDA, or a broken one. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class CudaLibrariesTest {
  @TempDir Path folder;

  /** Says twice what loading says, and whether it left things as they were. */
  static final class Ask {
    public static void main(String[] args) throws InterruptedException {
      String temporary = System.getProperty("java.io.tmpdir");
      Thread other = new Thread(CudaLibraries::load);
      other.start();
      CudaLibraries libraries = CudaLibraries.load();
      other.join();
      System.out.println(libraries.whyNot());
      System.out.println(libraries.usable());
      System.out.println(libraries == CudaLibraries.load());
      System.out.println(temporary.equals(System.getProperty("java.io.tmpdir")));
      libraries.found().forEach(System.out::println);
    }
  }

  /**
   * What that process prints.
   *
   * @param home its user's home
   * @param options more of Java's options
   */
  private static List<String> ask(
      Path home, Path libraries, Map<String, String> environment, String without, String... options)
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(jar -> !jar.contains(without))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of(
            "-Duser.home=" + home.resolve("home"),
            "-Dglia.cuda.libraries=" + libraries,
            "-cp",
            classPath,
            Ask.class.getName()));
    return Jvm.said(Jvm.start(environment, arguments)).lines().toList();
  }

  static List<String> ask(Path home, Path libraries, Map<String, String> environment)
      throws IOException, InterruptedException {
    return ask(home, libraries, environment, "no such jar");
  }

  @Test
  void aDriverThatIsNone() throws IOException, InterruptedException {
    Path driver = Files.createFile(folder.resolve("libcuda.so.1"));
    Path cublas = Files.createFile(folder.resolve("libcublas.so.12"));
    List<String> said = ask(folder, folder, Map.of());
    assertTrue(said.get(0).startsWith("NVIDIA's driver does not load from " + driver), said.get(0));
    assertTrue(said.get(0).contains("file too short"), said.get(0));
    assertEquals(List.of("false", "true", "true"), said.subList(1, 4));
    String how = " (the property glia.cuda.libraries)";
    assertTrue(said.contains("libcuda.so.1 " + driver + how), said.toString());
    assertTrue(said.contains("libcublas.so.12 " + cublas + how), said.toString());
    assertNothingLeft();
  }

  @Test
  void withoutADriver() throws IOException, InterruptedException {
    List<String> said = ask(folder, folder, Map.of());
    assumeTrue(said.contains("libcuda.so.1 (not found)"), "this machine has a driver");
    assertEquals(
        "NVIDIA's driver (libcuda.so.1) was not found; install it, 525 or newer, or start the"
            + " container with --gpus all",
        said.get(0));
    assertNothingLeft();
  }

  @Test
  void withoutJcudasNatives() throws IOException, InterruptedException {
    List<String> said = ask(folder, folder, Map.of(), "jcuda-natives");
    assertEquals("false", said.get(1), said.toString());
    assertTrue(
        said.get(0).contains("add JCuda's natives 12.6.0 with the classifier linux-x86_64"),
        said.get(0));
    assertNothingLeft();
  }

  @Test
  void whereThereIsNoCuda() throws IOException, InterruptedException {
    List<String> said = ask(folder, folder, Map.of(), "no such jar", "-Dos.name=Mac OS X");
    assertEquals(
        "CUDA needs Linux or Windows on x86-64, and this is Mac OS X on amd64", said.get(0));
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> left = Files.list(folder.resolve("home/.cache/glia"))) {
      assertEquals(List.of(), left.toList());
    }
  }
}
