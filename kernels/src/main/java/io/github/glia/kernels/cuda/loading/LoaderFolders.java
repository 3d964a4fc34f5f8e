package io.github.glia.kernels.cuda.loading;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The folders of the dynamic loader's cache, as {@code /etc/ld.so.conf} names them. */
final class LoaderFolders {
  private final Path root;
  private final Set<Path> read = new LinkedHashSet<>();
  private final Set<Path> folders = new LinkedHashSet<>();

  private LoaderFolders(Path root) {
    this.root = root;
  }

  static List<Path> of(Path root) throws IOException {
    LoaderFolders loader = new LoaderFolders(root);
    loader.read(root.resolve("etc/ld.so.conf"));
    return List.copyOf(loader.folders);
  }

  private void read(Path file) throws IOException {
    if (!Files.isReadable(file) || !read.add(file)) {
      return;
    }
    // Names of folders are bytes; ISO 8859-1 refuses none.
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      String said = line.replaceFirst("#.*", "").strip();
      if (said.startsWith("include ") || said.startsWith("include\t")) {
        include(file, said.substring("include".length()).strip());
      } else if (said.startsWith("/")) {
        folders.add(inRoot(said));
      }
    }
  }

  /** A pattern like {@code ld.so.conf.d/*.conf}, relative to the file that includes it. */
  private void include(Path from, String pattern) throws IOException {
    Path whole = pattern.startsWith("/") ? inRoot(pattern) : from.resolveSibling(pattern);
    if (!Files.isDirectory(whole.getParent())) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> matching =
        Files.newDirectoryStream(whole.getParent(), whole.getFileName().toString())) {
      matching.forEach(files::add);
    }
    files.sort(null);
    for (Path file : files) {
      read(file);
    }
  }

  private Path inRoot(String absolute) {
    return root.resolve(absolute.replaceFirst("^/+", ""));
  }
}
