package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Patient;
import java.io.IOException;

/**
 * Gives patients the size of their files, at which they are judged, one at a time: all together may
 * be more than fits in memory.
 */
@FunctionalInterface
public interface OriginalSize {
  /** The same slices of the same patient, who may have more. */
  Patient of(Patient patient) throws IOException;
}
