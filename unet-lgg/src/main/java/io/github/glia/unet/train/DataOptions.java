package io.github.glia.unet.train;

import io.github.glia.unet.data.Augmentation;
import io.github.glia.unet.data.Sampling;
import java.util.List;
import java.util.Map;

/**
 * What is read, and what training sees of it.
 *
 * @param folder that is read; null for made-up brains
 * @param size images are resized to this
 * @param normalization {@code percentile} or {@code plain}
 * @param modalities of NIfTI volumes, separated by commas; {@code all} takes the four
 * @param strict whether to stop at the first file that is not right
 * @param patch training sees pieces of this size; 0 for whole images
 * @param augment as {@link Augmentation#parse} has it
 * @param sample as {@link Sampling#parse} has it
 */
public record DataOptions(
    String folder,
    int size,
    String normalization,
    String modalities,
    boolean strict,
    int patch,
    String augment,
    String sample) {
  private static final int LARGEST = 4096;

  static final DataOptions DEFAULTS =
      new DataOptions(null, 256, "percentile", "all", false, 0, "strong", "balanced");

  public DataOptions {
    Require.atLeast("size", size, 1);
    Require.that(size <= LARGEST, "--size must be at most " + LARGEST + ", but is " + size);
    Require.atLeast("patch", patch, 0);
    Require.that(patch <= size, "--patch " + patch + " is larger than the images, --size " + size);
    Require.that(
        List.of("percentile", "plain").contains(normalization),
        "--normalization must be percentile or plain, but is " + normalization);
    Require.that(
        modalities != null && !modalities.isBlank(),
        "--modalities must be all, or names separated by commas");
    Augmentation.parse(augment);
    Sampling.parse(sample);
  }

  static DataOptions of(Flags flags) {
    return new DataOptions(
        flags.text("data"),
        flags.whole("size"),
        flags.text("normalization"),
        flags.text("modalities"),
        flags.yes("strict"),
        flags.whole("patch"),
        flags.text("augment"),
        flags.text("sample"));
  }

  void putInto(Map<String, Object> json) {
    json.put("data", folder);
    json.put("size", size);
    json.put("normalization", normalization);
    json.put("modalities", modalities);
    json.put("strict", strict);
    json.put("patch", patch);
    json.put("augment", augment);
    json.put("sample", sample);
  }

  /** The width and height of what the network sees in training. */
  int seen() {
    return patch > 0 ? patch : size;
  }
}
