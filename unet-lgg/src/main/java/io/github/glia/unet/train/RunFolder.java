package io.github.glia.unet.train;

import io.github.glia.unet.json.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
    } catch (IOException e) {
      throw new IOException(
          "the output folder " + folder + " cannot be written to (" + e.getMessage() + ")", e);
    }
  }

  /** The checkpoint that a run goes on from. */
  Path last() {
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

  void writeConfig(TrainOptions options) throws IOException {
    WholeFile.write(folder.resolve("config.json"), Json.write(options.toJson()));
  }

  /** Removes what a process left that was killed while it saved. */
  void removeHalfWritten() throws IOException {
    try (DirectoryStream<Path> halves =
        Files.newDirectoryStream(folder, "{last,best,model}.safetensors.*.tmp")) {
      for (Path half : halves) {
        Files.delete(half);
      }
    }
  }
}
