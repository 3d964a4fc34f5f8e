package io.github.glia.unet.inspect;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.data.StoredRange;

/** How often each brightness from 0 to 255 occurs in a channel. */
@SuppressWarnings("ArrayRecordComponent") // counts that are added up, never compared
record ChannelCounts(long[] counts, StoredRange stored) {
  private static final int VALUES = 256;

  static ChannelCounts of(Patient patient, int channel) {
    long[] counts = new long[VALUES];
    for (Slice slice : patient.slices()) {
      byte[] image = slice.image();
      for (int i = channel; i < image.length; i += slice.channels()) {
        counts[image[i] & 0xff]++;
      }
    }
    StoredRange stored =
        patient.stored().isEmpty() ? StoredRange.UNKNOWN : patient.stored().get(channel);
    return new ChannelCounts(counts, stored);
  }

  ChannelCounts plus(ChannelCounts other) {
    long[] sum = counts.clone();
    for (int value = 0; value < VALUES; value++) {
      sum[value] += other.counts[value];
    }
    return new ChannelCounts(sum, stored.and(other.stored));
  }

  long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  double mean() {
    double sum = 0;
    for (int value = 0; value < VALUES; value++) {
      sum += (double) value * counts[value];
    }
    return sum / total();
  }

  /** The value at a place, where all are sorted; places count from 0. */
  int at(long rank) {
    long seen = 0;
    int value = 0;
    while (seen + counts[value] <= rank) {
      seen += counts[value++];
    }
    return value;
  }
}
