package io.github.glia.unet.data;

/** The smallest and the largest value that files hold in a channel, before normalisation. */
public record StoredRange(float low, float high) {
  /** Of slices that do not come from files. */
  public static final StoredRange UNKNOWN = new StoredRange(Float.NaN, Float.NaN);

  public boolean isKnown() {
    return !Float.isNaN(low);
  }

  static StoredRange of(Iterable<RawSlice> slices, int channel) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (RawSlice slice : slices) {
      Pixels image = slice.image();
      if (image.counts().isPresent()) {
        int[] counts = image.counts().get();
        for (int value = 0; value < Pixels.BYTE_VALUES; value++) {
          if (counts[channel * Pixels.BYTE_VALUES + value] > 0) {
            low = Math.min(low, value);
            high = Math.max(high, value);
          }
        }
        continue;
      }
      for (int i = channel; i < image.count(); i += image.channels()) {
        low = Math.min(low, image.at(i));
        high = Math.max(high, image.at(i));
      }
    }
    return new StoredRange(low, high);
  }

  /** The range of both. */
  public StoredRange and(StoredRange other) {
    return new StoredRange(Math.min(low, other.low), Math.max(high, other.high));
  }
}
