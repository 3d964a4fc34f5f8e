package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is left out, and why. */
public record Problem(Path file, String reason) {

  /** Takes the message of a failure to read that file, which begins with the file's name or not. */
  static Problem of(Path file, IOException failure) {
    String message = String.valueOf(failure.getMessage());
    String prefix = file + ": ";
    return new Problem(
        file, message.startsWith(prefix) ? message.substring(prefix.length()) : message);
  }

  @Override
  public String toString() {
    return file + ": " + reason;
  }
}
