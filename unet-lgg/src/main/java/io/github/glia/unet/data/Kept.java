package io.github.glia.unet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What was kept of a patient.
 *
 * @param sources the file of each slice
 */
record Kept<T>(int channels, List<Path> sources, T value) {

  static <T> Kept<T> of(Patient patient, double share, Keeping<T> keeping) throws IOException {
    return new Kept<>(
        patient.slices().get(0).channels(),
        patient.slices().stream().map(Slice::source).toList(),
        keeping.keep(patient, share));
  }
}
