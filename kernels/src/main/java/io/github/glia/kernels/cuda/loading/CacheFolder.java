package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * A folder that keeps what was unpacked, and that nobody else can write to: code is loaded from it.
 */
public final class CacheFolder {
  private static final String OWNER_ONLY = "rwx------";

  private CacheFolder() {}

  /** {@code $XDG_CACHE_HOME/glia} or {@code ~/.cache/glia}. */
  public static Path usual(Map<String, String> environment, Path home) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return (cache.isBlank() ? home.resolve(".cache") : Path.of(cache)).resolve("glia");
  }

  /** The folder, or a new one for this process alone where there can be none, as without a home. */
  static Path openOrTemporary(Path folder) throws IOException {
    try {
      return open(folder);
    } catch (IOException e) {
      return Files.createTempDirectory("glia-");
    }
  }

  /** Makes a folder where there is none, and closes it to others where it is ours. */
  static Path open(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path own = Files.createTempFile(folder, "owner", null);
    try {
      if (!Files.getOwner(own).equals(Files.getOwner(folder))) {
        throw new IOException(
            folder
                + " belongs to "
                + Files.getOwner(folder)
                + ", who could change what is loaded from it; remove it, or set XDG_CACHE_HOME to a"
                + " folder of your own");
      }
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(OWNER_ONLY));
    } finally {
      Files.delete(own);
    }
    return folder;
  }
}
