package io.github.glia.unet.predict;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The model that comes with the program, inside its jar; its card lies beside it. */
public final class ShippedModel {
  /** The name of its file. */
  public static final String NAME = "lgg.safetensors";

  private static final String RESOURCE = "/io/github/glia/unet/models/" + NAME;

  private ShippedModel() {}

  /** Copies it into a new temporary file, which the caller deletes. */
  static Path copy() throws IOException {
    try (InputStream model = ShippedModel.class.getResourceAsStream(RESOURCE)) {
      if (model == null) {
        throw new IOException(
            "this build has no model of its own (" + RESOURCE + "); give one with --model");
      }
      Path copy = Files.createTempFile("glia-", "-" + NAME);
      try {
        Files.copy(model, copy, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException failure) {
        Files.deleteIfExists(copy);
        throw failure;
      }
      return copy;
    }
  }
}
