package io.github.glia.unet.evaluate;

import java.util.BitSet;
import java.util.List;

/**
 * Detection, lesion by lesion. A lesion is a connected part of the true volume; it is found if the
 * prediction has at least one voxel of it. A part of the prediction that has no voxel of any lesion
 * is a false alarm.
 */
public record Lesions(int found, int missed, int falseAlarms) {
  static final Lesions NONE = new Lesions(0, 0, 0);

  static Lesions of(Mask truth, Mask prediction) {
    List<BitSet> lesions = Components.of(truth);
    int found = touching(lesions, prediction);
    List<BitSet> predicted = Components.of(prediction);
    return new Lesions(
        found, lesions.size() - found, predicted.size() - touching(predicted, truth));
  }

  private static int touching(List<BitSet> parts, Mask mask) {
    return (int) parts.stream().filter(part -> part.intersects(mask.bits())).count();
  }

  public int total() {
    return found + missed;
  }

  Lesions plus(Lesions other) {
    return new Lesions(found + other.found, missed + other.missed, falseAlarms + other.falseAlarms);
  }
}
