package io.github.glia.unet.predict;

import io.github.glia.unet.data.Resampling;
import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Segmenter;
import java.util.ArrayList;
import java.util.List;

/**
 * Resizes slices to the size that a network was trained on, and its probabilities back: structures
 * are then as large as they were in training.
 */
final class AtTrainedSize implements Segmenter {
  private final Segmenter network;
  private final int size;

  AtTrainedSize(Segmenter network, int size) {
    this.network = network;
    this.size = size;
  }

  @Override
  public List<float[]> probabilities(List<Slice> slices) {
    List<float[]> predicted = network.probabilities(slices.stream().map(this::resized).toList());
    List<float[]> back = new ArrayList<>();
    for (int i = 0; i < predicted.size(); i++) {
      Slice slice = slices.get(i);
      float[] values =
          Resampling.values(predicted.get(i), size, size, 1, slice.height(), slice.width());
      for (int at = 0; at < values.length; at++) {
        // Shares of a mean are rounded, and may come to a little more than 1.
        values[at] = Math.min(1, values[at]);
      }
      back.add(values);
    }
    return back;
  }

  private Slice resized(Slice slice) {
    float[] values = new float[slice.image().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = slice.image()[i] & 0xff;
    }
    float[] scaled =
        Resampling.values(values, slice.height(), slice.width(), slice.channels(), size, size);
    byte[] image = new byte[scaled.length];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) Math.round(scaled[i]);
    }
    return new Slice(
        slice.patient(), slice.number(), slice.source(), size, size, slice.channels(), image, null);
  }
}
