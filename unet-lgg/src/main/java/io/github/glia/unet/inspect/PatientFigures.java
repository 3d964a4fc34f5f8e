package io.github.glia.unet.inspect;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What inspection remembers of a patient, so that a folder of any size can be inspected.
 *
 * @param pixels of all slices, each counted once whatever its channels
 */
record PatientFigures(
    Inspection.PatientSummary summary, long pixels, List<ChannelCounts> channels, Tile tile) {
  private static final int LGG_CHANNELS = 3;
  private static final int LGG_FLAIR = 1;
  private static final String LGG_NAME = "TCGA_";

  static PatientFigures of(Patient patient) {
    Slice first = patient.slices().get(0);
    boolean oneSize =
        patient.slices().stream()
            .allMatch(slice -> slice.height() == first.height() && slice.width() == first.width());
    Inspection.PatientSummary summary =
        new Inspection.PatientSummary(
            patient.name(),
            patient.slices().size(),
            (int) patient.slices().stream().filter(Slice::isPositive).count(),
            patient.slices().stream().mapToLong(Slice::tumourPixels).sum(),
            oneSize ? first.width() + "×" + first.height() + "×" + first.channels() : "mixed",
            missing(patient));
    return new PatientFigures(
        summary,
        patient.slices().stream().mapToLong(slice -> (long) slice.height() * slice.width()).sum(),
        IntStream.range(0, first.channels())
            .mapToObj(channel -> ChannelCounts.of(patient, channel))
            .toList(),
        Tile.of(patient));
  }

  /** A sequence that is missing has another's picture: in the LGG set, that of FLAIR. */
  private static List<String> missing(Patient patient) {
    int channels = patient.slices().get(0).channels();
    List<String> missing = new ArrayList<>();
    if (channels == LGG_CHANNELS) {
      boolean noPreContrast = equalChannels(patient, 0, LGG_FLAIR);
      boolean noPostContrast = equalChannels(patient, 2, LGG_FLAIR);
      if (noPreContrast && noPostContrast && !patient.name().startsWith(LGG_NAME)) {
        return List.of("colour (all channels are equal)");
      }
      if (noPreContrast) {
        missing.add("pre-contrast (is FLAIR)");
      }
      if (noPostContrast) {
        missing.add("post-contrast (is FLAIR)");
      }
      return missing;
    }
    for (int c = 1; c < channels; c++) {
      for (int other = 0; other < c; other++) {
        if (equalChannels(patient, c, other)) {
          missing.add("channel " + c + " (is channel " + other + ")");
        }
      }
    }
    return missing;
  }

  private static boolean equalChannels(Patient patient, int a, int b) {
    for (Slice slice : patient.slices()) {
      byte[] image = slice.image();
      for (int i = 0; i < image.length; i += slice.channels()) {
        if (image[i + a] != image[i + b]) {
          return false;
        }
      }
    }
    return true;
  }
}
