package io.github.glia.kernels.cuda.loading;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Libraries in a jar, as {@code org.bytedeco:cuda} has them, with small files in their place. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the libraries in the jar are Linux's")
class RedistributableTest {
  private static final String IN_JAR = "org/bytedeco/cuda/linux-x86_64/";
  private static final String CUDNN = "libcudnn.so.9";
  private static final byte[] CONTENT = content();

  @TempDir Path folder;
  private Path jar;
  private Path cache;

  private static byte[] content() {
    byte[] content = new byte[3_000_000];
    new Random(1).nextBytes(content);
    return content;
  }

  @BeforeEach
  void makeJar() throws IOException {
    jar = folder.resolve("cuda-12.6-redist.jar");
    cache = folder.resolve("cache/glia");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : List.of(CUDNN, "libcublas.so.12", "libcufft.so.11", "libjnicuda.so")) {
        zip.putNextEntry(new ZipEntry(IN_JAR + name));
        zip.write(CONTENT);
        zip.closeEntry();
      }
    }
  }

  private Place onClassPath() throws IOException {
    try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      return Redistributable.of(classes, cache).get(0);
    }
  }

  private Path unpacked() {
    return cache.resolve("cuda-12.6-redist").resolve(CUDNN);
  }

  @Test
  void noneOnThisClassPath() throws IOException {
    assertEquals(List.of(), Redistributable.of(ClassLoader.getPlatformClassLoader(), cache));
  }

  @Test
  void namesWhatIsAskedForAndUnpacksNothingForThat() throws IOException {
    assertEquals(Set.of(CUDNN, "libcublas.so.12"), Set.copyOf(onClassPath().names()));
    assertEquals(jar, onClassPath().where(CUDNN));
    assertFalse(Files.exists(cache));
  }

  @Test
  void unpacksOneFileIntoAFolderOfItsOwner() throws IOException {
    assertEquals(unpacked(), onClassPath().file(CUDNN));
    assertArrayEquals(CONTENT, Files.readAllBytes(unpacked()));
    assertEquals(List.of(CUDNN, "lock"), inside(unpacked().getParent()));
    for (Path own : List.of(cache, unpacked().getParent())) {
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(own)));
    }
  }

  @Test
  void aFolderThatWasOpenToOthersIsClosed() throws IOException {
    Files.createDirectories(cache);
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    onClassPath().file(CUDNN);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)));
  }

  @Test
  void isNotUnpackedTwice() throws IOException {
    onClassPath().file(CUDNN);
    Object first = Files.getAttribute(unpacked(), "unix:ino");
    onClassPath().file(CUDNN);
    assertEquals(first, Files.getAttribute(unpacked(), "unix:ino"));
  }

  @Test
  void aFileThatWasChangedIsReplaced() throws IOException {
    onClassPath().file(CUDNN);
    byte[] changed = CONTENT.clone();
    changed[1_234_567] ^= 1;
    Files.write(unpacked(), changed);
    onClassPath().file(CUDNN);
    assertArrayEquals(CONTENT, Files.readAllBytes(unpacked()));
  }

  @Test
  void aFileThatIsTooShortIsReplaced() throws IOException {
    onClassPath().file(CUDNN);
    Files.write(unpacked(), new byte[10]);
    onClassPath().file(CUDNN);
    assertArrayEquals(CONTENT, Files.readAllBytes(unpacked()));
  }

  @Test
  void whatAnInterruptedProcessLeftIsNoHindrance() throws IOException {
    Files.createDirectories(unpacked().getParent());
    Files.write(unpacked().resolveSibling(CUDNN + ".part"), new byte[5_000_000]);
    onClassPath().file(CUDNN);
    assertArrayEquals(CONTENT, Files.readAllBytes(unpacked()));
    assertEquals(List.of(CUDNN, "lock"), inside(unpacked().getParent()));
  }

  @Test
  void saysWhatToDoWhereItCannotUnpack() throws IOException {
    Files.createDirectories(cache.getParent());
    Files.createFile(cache);
    String said = assertThrows(IOException.class, () -> onClassPath().file(CUDNN)).getMessage();
    assertTrue(said.startsWith("unpacking libcudnn.so.9 from "), said);
    assertTrue(said.contains("set XDG_CACHE_HOME to a folder"), said);
  }

  /** A process that unpacks, too. */
  static final class Unpack {
    public static void main(String[] args) throws IOException {
      ClassLoader classes = Unpack.class.getClassLoader();
      Place place = Redistributable.of(classes, Path.of(args[0])).get(0);
      System.out.print(place.file(CUDNN));
    }
  }

  @Test
  void processesUnpackTogether() throws IOException, InterruptedException {
    String classPath = jar + File.pathSeparator + System.getProperty("java.class.path");
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(
          Jvm.start(Map.of(), List.of("-cp", classPath, Unpack.class.getName(), cache.toString())));
    }
    for (Process process : processes) {
      assertEquals(unpacked().toString(), Jvm.said(process));
    }
    assertArrayEquals(CONTENT, Files.readAllBytes(unpacked()));
    assertEquals(List.of(CUDNN, "lock"), inside(unpacked().getParent()));
  }

  private static List<String> inside(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theUsualCacheIsTheSystems() {
    Path home = Path.of("/home/me");
    assertEquals(Path.of("/home/me/.cache/glia"), CacheFolder.usual(Map.of(), home));
    assertEquals(Path.of("/big/glia"), CacheFolder.usual(Map.of("XDG_CACHE_HOME", "/big"), home));
  }
}
