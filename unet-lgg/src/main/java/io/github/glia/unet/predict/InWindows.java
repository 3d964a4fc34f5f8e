package io.github.glia.unet.predict;

import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Segmenter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.UnaryOperator;

/**
 * Covers slices with windows, of which no more are held than the network takes at once.
 *
 * @param network the probabilities of windows, {@code [side, side]} for each {@code [side, side,
 *     channels]}
 */
record InWindows(int side, int batchSize, UnaryOperator<List<float[]>> network)
    implements Segmenter {
  @Override
  public List<float[]> probabilities(List<Slice> slices) {
    List<float[]> whole = new ArrayList<>();
    Queue<Windows.Joining> unfinished = new ArrayDeque<>();
    List<float[]> batch = new ArrayList<>();
    for (Slice slice : slices) {
      Windows layout = new Windows(slice.height(), slice.width(), side);
      unfinished.add(layout.new Joining());
      for (Windows.Place place : layout.places()) {
        float[] window = new float[side * side * slice.channels()];
        layout.cut(place, slice.image(), slice.channels(), window, 0);
        batch.add(window);
        if (batch.size() == batchSize) {
          join(network.apply(batch), unfinished, whole);
          batch.clear();
        }
      }
    }
    if (!batch.isEmpty()) {
      join(network.apply(batch), unfinished, whole);
    }
    return whole;
  }

  private static void join(
      List<float[]> predicted, Queue<Windows.Joining> unfinished, List<float[]> whole) {
    for (float[] window : predicted) {
      Windows.Joining first = unfinished.element();
      first.add(window);
      if (first.isWhole()) {
        whole.add(unfinished.remove().image());
      }
    }
  }
}
