package io.github.glia.unet.predict;

import java.util.ArrayList;
import java.util.List;

/**
 * Windows of a fixed size that cover an image of any size, each half over the next. Where windows
 * overlap, their results are averaged with weights that fall towards the edges of a window, where a
 * network sees least of the surroundings.
 */
final class Windows {
  private final int height;
  private final int width;
  private final int size;
  private final List<Place> places = new ArrayList<>();
  private final double[] weights;

  /** The upper left corner of a window; the part outside the image is padding. */
  record Place(int top, int left) {}

  Windows(int height, int width, int size) {
    this.height = height;
    this.width = width;
    this.size = size;
    for (int top : starts(height)) {
      for (int left : starts(width)) {
        places.add(new Place(top, left));
      }
    }
    weights = new double[size];
    for (int i = 0; i < size; i++) {
      weights[i] = Math.sin(Math.PI * (i + 0.5) / size);
    }
  }

  List<Place> places() {
    return places;
  }

  /** Copies a window of the image; pixels outside it are 0, as around the image in training. */
  void cut(Place place, byte[] image, int channels, float[] into, int intoOffset) {
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        boolean inside = place.top + y < height && place.left + x < width;
        int from = ((place.top + y) * width + place.left + x) * channels;
        int to = intoOffset + (y * size + x) * channels;
        for (int c = 0; c < channels; c++) {
          into[to + c] = inside ? (image[from + c] & 0xff) / 255f : 0;
        }
      }
    }
  }

  /**
   * Joins the probabilities of the windows, one after the other in the order of {@link #places}.
   */
  final class Joining {
    private final double[] sum = new double[height * width];
    private final double[] weight = new double[height * width];
    private int next;

    void add(float[] window) {
      Place place = places.get(next++);
      int rows = Math.min(size, height - place.top);
      int columns = Math.min(size, width - place.left);
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          int at = (place.top + y) * width + place.left + x;
          double share = weights[y] * weights[x];
          sum[at] += share * window[y * size + x];
          weight[at] += share;
        }
      }
    }

    boolean isWhole() {
      return next == places.size();
    }

    /** The probabilities of the image. */
    float[] image() {
      float[] joined = new float[sum.length];
      for (int i = 0; i < joined.length; i++) {
        joined[i] = (float) (sum[i] / weight[i]);
      }
      return joined;
    }
  }

  private List<Integer> starts(int length) {
    List<Integer> starts = new ArrayList<>();
    for (int start = 0; start + size < length; start += Math.max(1, size / 2)) {
      starts.add(start);
    }
    starts.add(Math.max(0, length - size));
    return starts;
  }
}
