package io.github.glia.unet.inspect;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How bright a channel is over all slices, from 0 to 255.
 *
 * @param onePercent the value that 1 % of the pixels are not above
 */
record ChannelRange(
    int smallest, int onePercent, int median, int ninetyNinePercent, int largest, double mean) {

  static ChannelRange of(DataSet data, int channel) {
    long[] counts = new long[256];
    long total = 0;
    double sum = 0;
    for (Patient patient : data.patients()) {
      for (Slice slice : patient.slices()) {
        byte[] image = slice.image();
        for (int i = channel; i < image.length; i += slice.channels()) {
          counts[image[i] & 0xff]++;
          sum += image[i] & 0xff;
          total++;
        }
      }
    }
    return new ChannelRange(
        at(counts, 0),
        at(counts, total / 100),
        at(counts, total / 2),
        at(counts, total - 1 - total / 100),
        at(counts, total - 1),
        sum / total);
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("min", smallest);
    json.put("p1", onePercent);
    json.put("median", median);
    json.put("p99", ninetyNinePercent);
    json.put("max", largest);
    json.put("mean", mean);
    return json;
  }

  private static int at(long[] counts, long rank) {
    long seen = 0;
    int value = 0;
    while (seen + counts[value] <= rank) {
      seen += counts[value++];
    }
    return value;
  }
}
