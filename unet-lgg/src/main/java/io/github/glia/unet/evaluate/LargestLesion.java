package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Slice;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the largest connected part of what another marks in a volume, and takes back the rest: a
 * patient with a glioma usually has one.
 *
 * @param threshold the probability from which on a pixel is marked
 */
public record LargestLesion(Segmenter segmenter, double threshold) implements Segmenter {

  @Override
  public List<float[]> probabilities(List<Slice> slices) {
    List<float[]> probabilities = segmenter.probabilities(slices);
    List<Mask> masks = new ArrayList<>();
    for (int i = 0; i < slices.size(); i++) {
      masks.add(Mask.prediction(slices.get(i), probabilities.get(i), threshold));
    }
    Mask volume = Mask.stack(masks);
    BitSet others = (BitSet) volume.bits().clone();
    Components.of(volume).stream()
        .max(Comparator.comparingInt(BitSet::cardinality))
        .ifPresent(others::andNot);
    List<float[]> kept = new ArrayList<>();
    for (int z = 0; z < slices.size(); z++) {
      kept.add(without(others, volume, z, slices.get(z).width(), probabilities.get(z)));
    }
    return kept;
  }

  private static float[] without(
      BitSet dropped, Mask volume, int z, int width, float[] probabilities) {
    float[] kept = probabilities.clone();
    int first = z * volume.height() * volume.width();
    for (int i = 0; i < kept.length; i++) {
      if (dropped.get(first + i / width * volume.width() + i % width)) {
        kept[i] = 0;
      }
    }
    return kept;
  }
}
