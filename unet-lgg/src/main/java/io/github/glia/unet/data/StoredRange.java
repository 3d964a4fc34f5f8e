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
      float[] values = slice.image().values();
      for (int i = channel; i < values.length; i += slice.image().channels()) {
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
      }
    }
    return new StoredRange(low, high);
  }

  /** The range of both. */
  public StoredRange and(StoredRange other) {
    return new StoredRange(Math.min(low, other.low), Math.max(high, other.high));
  }
}
