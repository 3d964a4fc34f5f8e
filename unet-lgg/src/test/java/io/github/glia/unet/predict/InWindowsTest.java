package io.github.glia.unet.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.Slice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class InWindowsTest {
  private static final int SIDE = 8;

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 1000})
  void batchesJoinToTheSameBitsAsAllWindowsAtOnce(int batchSize) {
    List<Slice> slices = List.of(slice(20, 13), slice(5, 7), slice(8, 8), slice(31, 9));
    List<float[]> joined =
        new InWindows(SIDE, batchSize, InWindowsTest::predict).probabilities(slices);
    assertEquals(slices.size(), joined.size());
    for (int i = 0; i < slices.size(); i++) {
      assertArrayEquals(allAtOnce(slices.get(i)), joined.get(i), "slice " + i);
    }
  }

  @Test
  void windowsAreCutWhenTheirTurnComes() {
    Slice slice = slice(20, 20);
    List<Integer> sizes = new ArrayList<>();
    List<Float> firsts = new ArrayList<>();
    new InWindows(
            SIDE,
            5,
            windows -> {
              sizes.add(windows.size());
              firsts.add(windows.get(0)[0]);
              Arrays.fill(slice.image(), (byte) (51 * sizes.size()));
              return predict(windows);
            })
        .probabilities(List.of(slice));
    assertEquals(List.of(5, 5, 5, 1), sizes);
    assertEquals(List.of(0.2f, 0.4f, 0.6f), firsts.subList(1, 4));
  }

  /** The definition: the mean of the windows, by their weights, in double precision. */
  private static float[] allAtOnce(Slice slice) {
    Windows layout = new Windows(slice.height(), slice.width(), SIDE);
    List<float[]> windows = new ArrayList<>();
    for (Windows.Place place : layout.places()) {
      float[] window = new float[SIDE * SIDE * 3];
      layout.cut(place, slice.image(), 3, window, 0);
      windows.add(window);
    }
    List<float[]> predicted = predict(windows);
    double[] sum = new double[slice.height() * slice.width()];
    double[] weight = new double[sum.length];
    for (int w = 0; w < predicted.size(); w++) {
      Windows.Place place = layout.places().get(w);
      for (int y = 0; y < Math.min(SIDE, slice.height() - place.top()); y++) {
        for (int x = 0; x < Math.min(SIDE, slice.width() - place.left()); x++) {
          double share =
              Math.sin(Math.PI * (y + 0.5) / SIDE) * Math.sin(Math.PI * (x + 0.5) / SIDE);
          int at = (place.top() + y) * slice.width() + place.left() + x;
          sum[at] += share * predicted.get(w)[y * SIDE + x];
          weight[at] += share;
        }
      }
    }
    float[] joined = new float[sum.length];
    for (int i = 0; i < joined.length; i++) {
      joined[i] = (float) (sum[i] / weight[i]);
    }
    return joined;
  }

  /** Another value of each pixel in each window that it is in. */
  private static List<float[]> predict(List<float[]> windows) {
    List<float[]> predicted = new ArrayList<>();
    for (float[] window : windows) {
      float[] values = new float[SIDE * SIDE];
      for (int i = 0; i < values.length; i++) {
        values[i] = window[3 * i] * window[i] / (1 + window[3 * i + 1]);
      }
      predicted.add(values);
    }
    return predicted;
  }

  private static Slice slice(int height, int width) {
    byte[] image = new byte[height * width * 3];
    Philox random = new Philox(3, image.length);
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) random.nextInt(256);
    }
    return new Slice("P", 1, Path.of("slice.tif"), height, width, 3, image, null);
  }
}
