package io.github.glia.unet.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The MRI sequences of a BraTS case, in the order of its channels. */
enum Modality {
  T1("t1|t1w|t1n"),
  T1CE("t1ce|t1c|t1gd|t1post"),
  T2("t2|t2w"),
  FLAIR("flair|fla|t2f");

  private static final String SEGMENTATION = "seg|segmentation|label|labels";

  /** What files of the editions of BraTS call it, as a regular expression. */
  private final String names;

  Modality(String names) {
    this.names = names;
  }

  /** The sequence of that name. */
  static Optional<Modality> named(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(modality -> lower.matches(modality.names)).findFirst();
  }

  /** Whether that is what the segmentation of a case is called. */
  static boolean isSegmentation(String name) {
    return name.toLowerCase(Locale.ROOT).matches(SEGMENTATION);
  }

  static Modality parse(String name) {
    return named(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "modality " + name + ": expected t1, t1ce, t2 or flair"));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
