package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Slice;
import java.util.List;

/** Says where the tumour is. */
public interface Segmenter {
  /**
   * The probability of tumour for each pixel: a number from 0 to 1.
   *
   * @param slices of one volume, in their order
   * @return an array {@code [height, width]} for each slice
   */
  List<float[]> probabilities(List<Slice> slices);
}
