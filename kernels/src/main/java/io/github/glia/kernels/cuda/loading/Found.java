package io.github.glia.kernels.cuda.loading;

import java.nio.file.Path;

/**
 * One of CUDA's libraries, for those who want to know which is used.
 *
 * @param name the name it was searched by: {@code libcublas.so.12}
 * @param file where it is; null where it is missing, or where the system found it and not we
 * @param version null where it is not known
 * @param how how it was found, or why it is not used
 */
public record Found(String name, Path file, String version, String how) {
  /** Whether there is no such library. */
  public boolean missing() {
    return file == null && version == null;
  }

  Found withVersion(String known) {
    return new Found(name, file, known, how);
  }

  @Override
  public String toString() {
    return name
        + (version == null ? "" : " " + version)
        + (file == null ? "" : " " + file)
        + " ("
        + how
        + ")";
  }
}
