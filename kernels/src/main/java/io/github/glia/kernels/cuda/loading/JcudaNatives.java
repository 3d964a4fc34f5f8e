package io.github.glia.kernels.cuda.loading;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * The native halves of JCuda's classes, in a folder of this process's own that is removed when they
 * are loaded.
 *
 * <p>A class of JCuda loads its native half when it is initialized: it looks in {@code
 * java.library.path}, which Java reads only when it starts, and then in {@code java.io.tmpdir},
 * where it unpacks the library unless a file of that name is there. Left alone it would so load
 * what anybody put into {@code /tmp}, and could not be given a changed library. So that property
 * names our folder, with the library in it, as long as a class is initialized. Loading the library
 * ourselves instead would not help: the class would load its own as well.
 */
final class JcudaNatives implements AutoCloseable {
  private static final String TEMPORARY = "java.io.tmpdir";

  private final Path folder;
  private final Deque<Path> written = new ArrayDeque<>();

  private JcudaNatives(Path folder) {
    this.folder = folder;
  }

  /** A new folder that only its owner can enter. */
  static JcudaNatives in(Path parent) throws IOException {
    return new JcudaNatives(Files.createTempDirectory(parent, "jcuda-"));
  }

  /**
   * Initializes a class of JCuda.
   *
   * @param library the name of its native half: {@code JCublas2}
   * @param change what to do with that library's bytes before it is loaded
   * @param firstUse calls a static method of the class
   */
  void initialize(String library, UnaryOperator<byte[]> change, Runnable firstUse)
      throws IOException {
    String name =
        LibUtils.createLibraryFileName(
            LibUtils.createPlatformLibraryName(library + "-" + JCudaVersion.get()));
    Path file = folder.resolve(name);
    written.push(file);
    Files.write(file, change.apply(resource("/lib/" + name)));
    withTemporaryFolder(folder, firstUse);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = LibUtils.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(
            "the class path has no "
                + name
                + "; add JCuda's natives "
                + JCudaVersion.get()
                + " with the classifier linux-x86_64");
      }
      return in.readAllBytes();
    }
  }

  private static synchronized void withTemporaryFolder(Path folder, Runnable action)
      throws IOException {
    // Java remembers its folder for temporary files at the first use, which must not be now.
    Files.delete(File.createTempFile("first-use", null, folder.toFile()).toPath());
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, folder.toString());
    try {
      action.run();
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** Removes the files, which Linux keeps for those who have them open. */
  @Override
  public void close() throws IOException {
    while (!written.isEmpty()) {
      Files.deleteIfExists(written.pop());
    }
    Files.delete(folder);
  }
}
