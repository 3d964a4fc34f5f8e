package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loading from beginning to end, into processes of their own, of libraries that know nothing but
 * their versions. JCuda's natives are the real ones. Needs gcc.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class InProcessTest {
  private static final String DRIVER =
      """
      #include <stdlib.h>
      static int said(const char* name) { return atoi(getenv(name)); }
      int cuDriverGetVersion(int* version) { *version = said("FAKE_DRIVER"); return 0; }
      int cuInit(unsigned flags) { return said("FAKE_INIT"); }
      int cuDeviceGetCount(int* count) { *count = said("FAKE_DEVICES"); return 0; }
      """;
  private static final String CUBLAS =
      """
      int cublasGetProperty(int type, int* value) { *value = type == 0 ? CUDA : type; return 0; }
      """;
  private static final String CUDNN =
      """
      #include <stddef.h>
      size_t cudnnGetVersion(void) { return CUDNN; }
      size_t cudnnGetCudartVersion(void) { return CUDA * 1000; }
      """;

  @TempDir static Path folder;

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    Assumptions.assumeTrue(hasGcc(), "no gcc to make libraries with");
    for (int cuda : new int[] {12, 13}) {
      library(cuda, "libcuda.so.1", DRIVER);
      library(cuda, "libcublasLt.so." + cuda, CUBLAS);
      library(cuda, "libcublas.so." + cuda, CUBLAS);
      library(cuda, "libcudnn.so.9", CUDNN);
    }
  }

  private static boolean hasGcc() {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
  }

  /** NVIDIA's symbols have a version that is called as the library. */
  private static void library(int cuda, String name, String source)
      throws IOException, InterruptedException {
    Path to = Files.createDirectories(folder.resolve("cuda" + cuda));
    Path versions = Files.writeString(folder.resolve("versions"), name + " { global: *; };");
    Path code = Files.writeString(folder.resolve("source.c"), source);
    List<String> command =
        List.of(
            "gcc",
            "-shared",
            "-fPIC",
            "-DCUDA=" + cuda,
            "-DCUDNN=" + (cuda == 12 ? 90501 : 92400),
            "-Wl,-soname," + name,
            "-Wl,--version-script=" + versions,
            "-o",
            to.resolve(name).toString(),
            code.toString());
    Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, gcc.waitFor(), said);
  }

  private static List<String> ask(int cuda, Map<String, String> driver)
      throws IOException, InterruptedException {
    return CudaLibrariesTest.ask(folder, folder.resolve("cuda" + cuda), driver);
  }

  private static Map<String, String> driver(int version, int init, int devices) {
    return Map.of(
        "FAKE_DRIVER", "" + version, "FAKE_INIT", "" + init, "FAKE_DEVICES", "" + devices);
  }

  private static void assertUsable(int cuda, List<String> said) {
    assertEquals(List.of("", "true", "true", "true"), said.subList(0, 4), said.toString());
    Path from = folder.resolve("cuda" + cuda);
    String how = " (the property glia.cuda.libraries)";
    String cublas = "libcublas.so." + cuda;
    assertTrue(
        said.contains(cublas + " " + cuda + ".1.2 " + from.resolve(cublas) + how), said.toString());
    String cudnn = "libcudnn.so.9 " + (cuda == 12 ? "9.5.1" : "9.24.0") + " ";
    assertTrue(said.contains(cudnn + from.resolve("libcudnn.so.9") + how), said.toString());
    String driver = "libcuda.so.1 CUDA 13.0 " + from.resolve("libcuda.so.1") + how;
    assertTrue(said.contains(driver), said.toString());
  }

  @Test
  void cuda12() throws IOException, InterruptedException {
    assertUsable(12, ask(12, driver(13000, 0, 1)));
  }

  @Test
  void cuda13() throws IOException, InterruptedException {
    assertUsable(13, ask(13, driver(13000, 0, 1)));
  }

  private static void assertWhyNot(String why, int cuda, Map<String, String> driver)
      throws IOException, InterruptedException {
    List<String> said = ask(cuda, driver);
    assertTrue(said.get(0).startsWith(why), said.toString());
    assertEquals("false", said.get(1), said.toString());
  }

  @Test
  void whatTheDriverSays() throws IOException, InterruptedException {
    assertWhyNot("NVIDIA's driver is too old: it is for CUDA 11.8", 12, driver(11080, 0, 1));
    assertWhyNot("NVIDIA's driver is there, but no GPU", 12, driver(12040, 100, 0));
    assertWhyNot("NVIDIA's driver is there, but no GPU", 12, driver(12040, 0, 0));
    assertWhyNot("NVIDIA's driver does not start: CUDA_ERROR_UNKNOWN", 12, driver(12040, 999, 1));
  }

  @Test
  void mixedVersions() throws IOException, InterruptedException {
    Path mixed = Files.createDirectory(folder.resolve("cuda99"));
    for (String name : List.of("libcuda.so.1", "libcublas.so.12", "libcublasLt.so.12")) {
      Files.copy(folder.resolve("cuda12").resolve(name), mixed.resolve(name));
    }
    Files.copy(folder.resolve("cuda13/libcudnn.so.9"), mixed.resolve("libcudnn.so.9"));
    assertWhyNot(
        "the versions of CUDA's libraries are mixed: cuDNN 9.24.0 was built for CUDA 13.0, and"
            + " cuBLAS is of CUDA 12",
        99,
        driver(13000, 0, 1));
  }
}
