package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * CUDA's libraries on the class path: {@code org.bytedeco:cuda} with the classifier {@code
 * linux-x86_64-redist}. What is asked for is unpacked, the rest of the 2 GB is not.
 */
final class Redistributable implements Place {
  private static final String FOLDER_IN_JAR = "org/bytedeco/cuda/linux-x86_64/";

  private final Path jar;
  private final Path cache;
  private final Map<String, String> entries = new LinkedHashMap<>();

  private Redistributable(JarFile jar, Path cache) {
    this.jar = Path.of(jar.getName());
    this.cache = cache;
    jar.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.startsWith(FOLDER_IN_JAR))
        .filter(name -> LIBRARIES.matcher(name.substring(FOLDER_IN_JAR.length())).matches())
        .forEach(name -> entries.put(name.substring(FOLDER_IN_JAR.length()), name));
  }

  /**
   * The redistributable among the jars of a class loader: one, or none.
   *
   * @param cache the folder of {@link CacheFolder}; made when something is unpacked
   */
  static List<Place> of(ClassLoader classes, Path cache) throws IOException {
    URL library = classes.getResource(FOLDER_IN_JAR + Selection.CUDNN);
    URLConnection connection = library == null ? null : library.openConnection();
    if (!(connection instanceof JarURLConnection inJar)) {
      return List.of();
    }
    // A jar that Java keeps open for all must not be closed by us.
    inJar.setUseCaches(false);
    try (JarFile jar = inJar.getJarFile()) {
      return List.of(new Redistributable(jar, cache));
    }
  }

  @Override
  public String how() {
    return "the class path's " + jar.getFileName();
  }

  @Override
  public Set<String> names() {
    return entries.keySet();
  }

  @Override
  public Path where(String name) {
    return jar;
  }

  @Override
  public Path file(String name) throws IOException {
    Path folder = cache.resolve(jar.getFileName().toString().replaceFirst("\\.jar$", ""));
    try (JarFile open = new JarFile(jar.toFile())) {
      CacheFolder.open(cache);
      CacheFolder.open(folder);
      return UnpackedFile.of(open, open.getEntry(entries.get(name)), folder);
    } catch (IOException e) {
      throw new IOException(
          "unpacking "
              + name
              + " from "
              + jar
              + " to "
              + folder
              + " failed ("
              + e
              + "); set XDG_CACHE_HOME to a folder of your own with 3 GB of room",
          e);
    }
  }
}
