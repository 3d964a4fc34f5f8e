package io.github.glia.unet.train;

import io.github.glia.nn.WholeFile;
import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The files of a run. */
final class RunFolder {
  private final Path folder;

  /**
   * The folder, made if it is not there.
   *
   * @throws IOException if it cannot be written to; the message names it
   */
  RunFolder(Path folder) throws IOException {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "writable.", ".tmp"));
    } catch (FileSystemException e) {
      String reason = Objects.requireNonNullElse(e.getReason(), "it cannot be made");
      throw new IOException("the output folder " + folder + " cannot be written to: " + reason, e);
    }
  }

  /**
   * Refuses, without making anything, a folder that cannot be made or written to.
   *
   * @throws IOException the message names it
   */
  static void requirePossible(Path folder) throws IOException {
    Path there = folder.toAbsolutePath().normalize();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw new IOException(
          "the output folder " + folder + " cannot be made: " + there + " is a file");
    }
    if (!Files.isWritable(there)) {
      throw new IOException(
          "the output folder " + folder + " cannot be written to: " + there + " is not writable");
    }
  }

  /** The checkpoint that a run goes on from. */
  Path last() {
    return last(folder);
  }

  static Path last(Path folder) {
    return folder.resolve("last.safetensors");
  }

  /** The checkpoint after the epoch with the best Dice. */
  Path best() {
    return folder.resolve("best.safetensors");
  }

  /** The weights of the best epoch alone, for prediction. */
  Path model() {
    return folder.resolve("model.safetensors");
  }

  Path path() {
    return folder;
  }

  /** The command with which a run goes on, however it was begun. */
  String howToGoOn() {
    return "`glia train --config " + folder.resolve("config.json") + " --resume`";
  }

  void writeConfig(TrainOptions options) throws IOException {
    WholeFile.write(folder.resolve("config.json"), Json.write(options.toJson()));
  }

  /** Removes what a process left that was killed while it saved. */
  void removeHalfWritten() throws IOException {
    try (DirectoryStream<Path> halves =
        Files.newDirectoryStream(folder, "{*.safetensors,*.json,metrics.csv,writable}.*.tmp")) {
      for (Path half : halves) {
        Files.delete(half);
      }
    }
  }
}
