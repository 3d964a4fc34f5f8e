package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Slice;
import java.util.BitSet;
import java.util.List;

/**
 * Where something is: a slice (of depth 1) or a volume, in the order {@code [depth, height,
 * width]}.
 *
 * @param bits set where it is
 */
record Mask(int depth, int height, int width, BitSet bits) {

  static Mask truth(Slice slice) {
    if (slice.mask() == null) {
      throw new IllegalArgumentException(
          slice.source() + ": has no mask, so a prediction for it cannot be judged");
    }
    BitSet bits = new BitSet(slice.mask().length);
    for (int i = 0; i < slice.mask().length; i++) {
      bits.set(i, slice.mask()[i] != 0);
    }
    return new Mask(1, slice.height(), slice.width(), bits);
  }

  /** Where the probability is at least the threshold. */
  static Mask prediction(Slice slice, float[] probabilities, double threshold) {
    BitSet bits = new BitSet(probabilities.length);
    for (int i = 0; i < probabilities.length; i++) {
      bits.set(i, probabilities[i] >= threshold);
    }
    return new Mask(1, slice.height(), slice.width(), bits);
  }

  /** Slices one upon the other, with their upper left corners; smaller ones are filled up. */
  static Mask stack(List<Mask> slices) {
    int height = slices.stream().mapToInt(Mask::height).max().orElseThrow();
    int width = slices.stream().mapToInt(Mask::width).max().orElseThrow();
    BitSet bits = new BitSet(height * width * slices.size());
    for (int z = 0; z < slices.size(); z++) {
      Mask slice = slices.get(z);
      int offset = z * height * width;
      slice.bits.stream()
          .forEach(i -> bits.set(offset + i / slice.width * width + i % slice.width));
    }
    return new Mask(slices.size(), height, width, bits);
  }

  int count() {
    return bits.cardinality();
  }

  boolean isEmpty() {
    return bits.isEmpty();
  }

  boolean at(int z, int y, int x) {
    return z >= 0
        && y >= 0
        && x >= 0
        && z < depth
        && y < height
        && x < width
        && bits.get((z * height + y) * width + x);
  }
}
