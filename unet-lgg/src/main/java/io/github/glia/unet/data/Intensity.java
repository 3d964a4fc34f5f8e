package io.github.glia.unet.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Makes a patient's slices of what was measured. */
final class Intensity {
  private static final double DARKEST = 0.01;
  private static final double BRIGHTEST = 0.995;
  private static final int COUNTED = 1 << 16;

  /** What becomes 0 and what becomes 1 in a channel. */
  private record Range(float low, float high) {
    byte stretch(float value) {
      double factor = high > low ? 255.0 / ((double) high - low) : 0;
      double stretched = ((double) value - low) * factor;
      return (byte) (int) Math.round(Math.min(255, Math.max(0, stretched)));
    }
  }

  private Intensity() {}

  static Patient normalise(String patient, List<RawSlice> files, ReadOptions options) {
    List<RawSlice> raw = onOneScale(files);
    List<RawSlice> measured = raw.stream().map(slice -> slice.resized(options.measured())).toList();
    int channels = raw.get(0).image().channels();
    Range[] ranges = new Range[channels];
    for (int c = 0; c < channels; c++) {
      ranges[c] =
          switch (options.normalization()) {
            case PERCENTILE -> percentiles(measured, c);
            case PLAIN -> plain(measured, c);
          };
    }
    return new Patient(
        patient,
        raw.stream().map(slice -> slice(patient, slice, ranges)).toList(),
        IntStream.range(0, channels).mapToObj(c -> StoredRange.of(raw, c)).toList());
  }

  /** Slices of 8 and of 16 bits in one volume are brought to the scale of the deepest. */
  private static List<RawSlice> onOneScale(List<RawSlice> slices) {
    double white = slices.stream().mapToDouble(slice -> slice.image().white()).max().orElse(0);
    return slices.stream().map(slice -> scaled(slice, (float) white)).toList();
  }

  private static RawSlice scaled(RawSlice slice, float white) {
    Pixels image = slice.image();
    if (Float.isNaN(white) || image.white() == white) {
      return slice;
    }
    float[] values = new float[image.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((double) image.at(i) * white / image.white());
    }
    Pixels scaled = new Pixels(image.height(), image.width(), image.channels(), values, white);
    return new RawSlice(slice.number(), slice.source(), scaled, slice.mask());
  }

  private static Slice slice(String patient, RawSlice raw, Range[] ranges) {
    Pixels pixels = raw.image();
    return new Slice(
        patient,
        raw.number(),
        raw.source(),
        pixels.height(),
        pixels.width(),
        pixels.channels(),
        pixels.changed((channel, value) -> ranges[channel].stretch(value)),
        raw.mask());
  }

  /** What the format can hold or, where that says nothing, what is there. */
  private static Range plain(List<RawSlice> slices, int channel) {
    float low = 0;
    float high = 0;
    boolean measured = false;
    for (RawSlice slice : slices) {
      Pixels pixels = slice.image();
      float white = pixels.white();
      if (Float.isFinite(white)) {
        high = Math.max(high, white);
      } else {
        for (int i = channel; i < pixels.count(); i += pixels.channels()) {
          low = measured ? Math.min(low, pixels.at(i)) : pixels.at(i);
          high = measured ? Math.max(high, pixels.at(i)) : pixels.at(i);
          measured = true;
        }
      }
    }
    return new Range(low, high);
  }

  /** Of what is not zero: zero is what lies around the head, in whatever amount. */
  private static Range percentiles(List<RawSlice> slices, int channel) {
    int[] counts = new int[COUNTED];
    int total = 0;
    boolean countable = true;
    for (RawSlice slice : slices) {
      Pixels image = slice.image();
      if (image.counts().isPresent()) {
        int[] ofBytes = image.counts().get();
        for (int value = 1; value < Pixels.BYTE_VALUES; value++) {
          int count = ofBytes[channel * Pixels.BYTE_VALUES + value];
          counts[value] += count;
          total += count;
        }
        continue;
      }
      for (int i = channel; i < image.count(); i += image.channels()) {
        float value = image.at(i);
        if (value != 0) {
          total++;
          countable &= value > 0 && value < COUNTED && value == (int) value;
          if (countable) {
            counts[(int) value]++;
          }
        }
      }
    }
    if (total == 0) {
      return new Range(0, 0);
    }
    int low = (int) (DARKEST * (total - 1));
    int high = (int) (BRIGHTEST * (total - 1));
    if (countable) {
      return range(valueAt(counts, low), valueAt(counts, high));
    }
    float[] sorted = nonZero(slices, channel, total);
    Arrays.sort(sorted);
    return range(sorted[low], sorted[high]);
  }

  /** A channel that has one value beside zero goes from zero to it. */
  private static Range range(float low, float high) {
    return low < high ? new Range(low, high) : new Range(Math.min(0, low), Math.max(0, high));
  }

  private static float valueAt(int[] counts, int rank) {
    int seen = 0;
    int value = 0;
    while (seen + counts[value] <= rank) {
      seen += counts[value++];
    }
    return value;
  }

  private static float[] nonZero(List<RawSlice> slices, int channel, int total) {
    float[] found = new float[total];
    int at = 0;
    for (RawSlice slice : slices) {
      Pixels image = slice.image();
      for (int i = channel; i < image.count(); i += image.channels()) {
        if (image.at(i) != 0) {
          found[at++] = image.at(i);
        }
      }
    }
    return found;
  }
}
