package io.github.glia.kernels.cuda;

import io.github.glia.kernels.cuda.loading.CacheFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The names of algorithms that were the fastest, by what they were measured for, in memory and in a
 * text file. The first line says what it is; each other one is {@code algorithm TAB question}.
 *
 * <p>A file that is damaged is ignored, and written anew at the next measurement. Programs that run
 * at the same time may lose a measurement of one another, but never half a line.
 */
final class AlgorithmFile {
  /** Where the file is: a folder, or {@code none}. */
  static final String PROPERTY = "glia.cuda.cache";

  private static final String FIRST_LINE = "Glia: the fastest algorithms of convolutions, format 1";
  private static final System.Logger LOG = System.getLogger(AlgorithmFile.class.getName());

  private final Path file;
  private final Map<String, String> known = new HashMap<>();
  private boolean isRead;
  private boolean isWritable = true;

  /** {@code file} is null where nothing is to be kept. */
  AlgorithmFile(Path file) {
    this.file = file;
  }

  /** The file of this user, or where the property says. */
  static AlgorithmFile usual() {
    String folder = System.getProperty(PROPERTY, "");
    if (folder.equals("none")) {
      return new AlgorithmFile(null);
    }
    Path in =
        folder.isBlank()
            ? CacheFolder.usual(System.getenv(), Path.of(System.getProperty("user.home")))
            : Path.of(folder);
    return new AlgorithmFile(in.resolve("convolutions.txt"));
  }

  /** The answer to a question, or null. */
  synchronized String get(String question) {
    if (!isRead) {
      isRead = true;
      known.putAll(read());
    }
    return known.get(question);
  }

  synchronized void put(String question, String answer) {
    known.put(question, answer);
    if (file == null || !isWritable) {
      return;
    }
    Map<String, String> all = new TreeMap<>(read());
    all.putAll(known);
    try {
      write(all);
    } catch (IOException e) {
      isWritable = false;
      LOG.log(
          System.Logger.Level.WARNING,
          file + " cannot be written (" + e + "): convolutions are measured again in each run");
    }
  }

  private Map<String, String> read() {
    if (file == null || !Files.exists(file)) {
      return Map.of();
    }
    try {
      return parse(Files.readAllLines(file, StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          file + " is ignored, since it cannot be read (" + e + "): it is made anew");
      return Map.of();
    }
  }

  private static Map<String, String> parse(List<String> lines) {
    if (lines.isEmpty() || !lines.get(0).equals(FIRST_LINE)) {
      throw new IllegalArgumentException("the first line is not \"" + FIRST_LINE + '"');
    }
    Map<String, String> parsed = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int tab = line.indexOf('\t');
      if (tab < 0) {
        throw new IllegalArgumentException("a line is not complete: " + line);
      }
      parsed.put(line.substring(tab + 1), line.substring(0, tab));
    }
    return parsed;
  }

  private void write(Map<String, String> all) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(FIRST_LINE);
    all.forEach((question, algorithm) -> lines.add(algorithm + "\t" + question));
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path whole = Files.createTempFile(folder, "convolutions", null);
    try {
      Files.write(whole, lines, StandardCharsets.UTF_8);
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(whole);
    }
  }
}
