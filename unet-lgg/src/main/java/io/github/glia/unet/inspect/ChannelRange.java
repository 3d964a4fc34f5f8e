package io.github.glia.unet.inspect;

import io.github.glia.unet.data.StoredRange;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How bright a channel is over all slices, from 0 to 255.
 *
 * @param onePercent the value that 1 % of the pixels are not above
 * @param stored the smallest and largest value of the files
 */
record ChannelRange(
    int smallest,
    int onePercent,
    int median,
    int ninetyNinePercent,
    int largest,
    double mean,
    StoredRange stored) {

  static ChannelRange of(ChannelCounts counts) {
    long total = counts.total();
    return new ChannelRange(
        counts.at(0),
        counts.at(total / 100),
        counts.at(total / 2),
        counts.at(total - 1 - total / 100),
        counts.at(total - 1),
        counts.mean(),
        counts.stored());
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("min", smallest);
    json.put("p1", onePercent);
    json.put("median", median);
    json.put("p99", ninetyNinePercent);
    json.put("max", largest);
    json.put("mean", mean);
    json.put("storedMin", stored.low());
    json.put("storedMax", stored.high());
    return json;
  }
}
