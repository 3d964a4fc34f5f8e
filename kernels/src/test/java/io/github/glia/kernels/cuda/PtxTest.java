package io.github.glia.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The PTX that the library ships belongs to its sources, and CUDA 12.0's own assembler, which needs
 * neither CUDA nor a GPU, takes it for every architecture that is supported.
 */
final class PtxTest {
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path SHIPPED = Path.of("src/main/resources/io/github/glia/kernels/cuda");
  private static final List<String> ARCHITECTURES =
      List.of("sm_75", "sm_80", "sm_86", "sm_89", "sm_90");
  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"(.*)\"$");
  private static final String REMEDY = "; run kernels/src/main/cuda/make-ptx.sh and commit its PTX";

  private static List<String> rooms(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .map(name -> name.substring(0, name.length() - ending.length()))
          .sorted()
          .toList();
    }
  }

  @Test
  void everySourceHasItsPtx() throws IOException {
    assertEquals(rooms(SOURCES, ".cu"), rooms(SHIPPED, ".ptx"), REMEDY);
  }

  /** So the script's list of what a room includes, and the sum over it, are complete. */
  @Test
  void headersIncludeNothing() throws IOException {
    for (String header : rooms(SOURCES, ".cuh")) {
      String text = Files.readString(SOURCES.resolve(header + ".cuh"));
      assertFalse(text.contains("#include"), header + ".cuh includes another file");
    }
  }

  @TestFactory
  Stream<DynamicTest> ptxIsMadeFromItsSource() throws IOException {
    return rooms(SOURCES, ".cu").stream()
        .map(room -> DynamicTest.dynamicTest(room, () -> assertMadeFromItsSource(room)));
  }

  private static void assertMadeFromItsSource(String room) throws IOException {
    List<String> parts = new ArrayList<>();
    Matcher include = INCLUDE.matcher(Files.readString(SOURCES.resolve(room + ".cu")));
    while (include.find()) {
      parts.add(include.group(1));
    }
    parts.add(room + ".cu");
    String expected =
        "// made by make-ptx.sh from " + String.join(" ", parts) + ", sha256 " + sha256(parts);
    assertEquals(expected, ptx(room).lines().findFirst().orElse(""), room + ".ptx is old" + REMEDY);
  }

  private static String sha256(List<String> parts) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        digest.update(Files.readAllBytes(SOURCES.resolve(part)));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> cuda12AssemblesIt() throws IOException {
    return rooms(SHIPPED, ".ptx").stream()
        .flatMap(
            room ->
                ARCHITECTURES.stream()
                    .map(
                        architecture ->
                            DynamicTest.dynamicTest(
                                room + " for " + architecture,
                                () -> assertEquals("", assemble(ptx(room), architecture)))));
  }

  /** The gate itself must be able to fail. */
  @Test
  void theAssemblerRefusesNewerPtx() throws IOException {
    String newer = ptx("elementwise").replace(".version 8.0", ".version 9.0");
    assertFalse(assemble(newer, "sm_90").isEmpty());
  }

  private static String ptx(String room) throws IOException {
    try (InputStream in = Kernel.class.getResourceAsStream(room + ".ptx")) {
      assertNotNull(in, room + ".ptx is not on the class path");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** What the assembler says against it; nothing if it takes it. */
  private static String assemble(String ptx, String architecture) {
    byte[] text = ptx.getBytes(StandardCharsets.UTF_8);
    byte[] terminated = Arrays.copyOf(text, text.length + 1);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    try {
      JNvPTXCompiler.nvPTXCompilerCreate(compiler, terminated.length, terminated);
    } catch (LinkageError e) {
      abort("the assembler's native library is not for this system: " + e.getMessage());
    }
    try {
      String[] options = {"--gpu-name=" + architecture};
      int status = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      return status == nvPTXCompileResult.NVPTXCOMPILE_SUCCESS
          ? ""
          : "status " + status + ": " + errors(compiler);
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private static String errors(nvPTXCompilerHandle compiler) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
    byte[] log = new byte[Math.toIntExact(size[0]) + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
    return new String(log, StandardCharsets.UTF_8).strip();
  }
}
