package io.github.glia.unet.data;

import java.nio.file.Path;

/** A file that is left out, and why. */
public record Problem(Path file, String reason) {
  @Override
  public String toString() {
    return file + ": " + reason;
  }
}
