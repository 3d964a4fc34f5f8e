package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A slice of the report: its pixels, and what became of it.
 *
 * @param place in the volume, from 1
 * @param of how many
 */
record Case(Slice slice, SliceResult result, int place, int of) {
  /** Darker than this share of white is air around the head. */
  private static final int AIR = 40;

  static List<Case> of(Patient patient, PatientResult result) {
    int count = patient.slices().size();
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cases.add(new Case(patient.slices().get(i), result.slices().get(i), i + 1, count));
    }
    return cases;
  }

  /** The same with the pixels that were judged. */
  Case at(OriginalSize original) throws IOException {
    Patient alone = new Patient(slice.patient(), List.of(slice));
    return new Case(original.of(alone).slices().get(0), result, place, of);
  }

  String patient() {
    return slice.patient();
  }

  /** Where in the image: the truth, or the prediction if there is no tumour. */
  String where() {
    Mask mask = result.truth().isEmpty() ? result.prediction() : result.truth();
    if (mask.isEmpty()) {
      return "";
    }
    double y = mask.bits().stream().map(i -> i / slice.width()).average().orElseThrow();
    double x = mask.bits().stream().map(i -> i % slice.width()).average().orElseThrow();
    Box head = head();
    String vertical = third(y, head.fromY(), head.height(), "upper ", "", "lower ");
    String horizontal = third(x, head.fromX(), head.width(), "left", "", "right");
    if (horizontal.isEmpty()) {
      return vertical.isEmpty() ? "centre" : vertical + "middle";
    }
    return vertical + horizontal;
  }

  /** Its number, and where in the volume that is. */
  String whichOfVolume() {
    String third = third(place - 0.5, 0, of, "first", "middle", "last") + " third of the volume";
    return result.number() == place
        ? Text.of("slice %d of %d (%s)", place, of, third)
        : Text.of("slice %d (%d of %d, %s)", result.number(), place, of, third);
  }

  private static String third(
      double at, int from, int length, String first, String middle, String last) {
    double share = (at - from) / length;
    return share < 1.0 / 3 ? first : share < 2.0 / 3 ? middle : last;
  }

  /** The box around all that is not air, and around what is marked. */
  Box head() {
    BitSet bright = new BitSet();
    IntStream.range(0, slice.height() * slice.width()).filter(this::isBright).forEach(bright::set);
    bright.or(result.truth().bits());
    bright.or(result.prediction().bits());
    if (bright.isEmpty()) {
      bright.set(0, slice.height() * slice.width());
    }
    return Box.of(new Mask(1, slice.height(), slice.width(), bright));
  }

  private boolean isBright(int pixel) {
    for (int c = 0; c < slice.channels(); c++) {
      if ((slice.image()[pixel * slice.channels() + c] & 0xff) > AIR) {
        return true;
      }
    }
    return false;
  }
}
