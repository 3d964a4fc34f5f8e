package io.github.glia.unet.data;

import java.io.IOException;

/** Says what is kept of a patient; the rest of it is forgotten before the next one is read. */
interface Keeping<T> {
  /**
   * @param share how much of the folder has been read with this patient, up to 1
   * @throws IOException if reading shall stop
   */
  T keep(Patient patient, double share) throws IOException;
}
