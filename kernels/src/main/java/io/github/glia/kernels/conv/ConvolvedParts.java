package io.github.glia.kernels.conv;

import io.github.glia.tensor.DType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Of what a gradient of weights is made: bands of rows of each image, or all at once.
 *
 * @param bands of the first images
 * @param times how often there are these bands, each time as many images on as they are of
 */
record ConvolvedParts(List<ConvolvedRows> bands, int times) {
  /** Of x and dy, about. */
  private static final long BYTES_OF_A_BAND = 1 << 20;

  /** From how many bytes of x and dy on for each byte that is added up adding takes little time. */
  private static final long BYTES_THAT_PAY = 2;

  /** For fewer, by estimate, adding the gradients of lanes up takes as long as they do. */
  private static final int PIXELS_OF_A_LANE = 512;

  static ConvolvedParts all(Conv2dShape s) {
    return new ConvolvedParts(List.of(ConvolvedRows.all(s)), 1);
  }

  /** Bands of so many rows of y, the last with fewer. */
  static ConvolvedParts bands(Conv2dShape s, int rows) {
    return new ConvolvedParts(ConvolvedRows.bands(s, rows), s.batch());
  }

  /** As many whole images in each part. */
  static ConvolvedParts images(Conv2dShape s, int parts) {
    return new ConvolvedParts(List.of(ConvolvedRows.all(s).ofImages(s.batch() / parts)), parts);
  }

  /**
   * In half precision bands where adding up their gradients pays, or else a part for each lane if
   * all get as many images: fewer to add up, and lanes still do not wait for each other.
   */
  static ConvolvedParts ofGradient(Conv2dShape s, DType type, int lanes) {
    long bytes = (s.input().count() + s.output().count()) * type.bytes();
    long wanted = ConvolvedRows.canBeBands(s) ? bytes / s.batch() / BYTES_OF_A_BAND : 1;
    int rows = (int) Math.max(1, s.outHeight() / Math.max(1, wanted));
    long parts = (long) s.batch() * ((s.outHeight() + rows - 1) / rows);
    long addedBytes = parts * s.weights().count() * Float.BYTES;
    boolean pays = bytes >= BYTES_OF_A_BAND && bytes >= BYTES_THAT_PAY * addedBytes;
    if (type == DType.F32) {
      return all(s);
    }
    if (parts >= lanes && pays) {
      return bands(s, rows);
    }
    long pixels = (long) s.batch() * s.outHeight() * s.outWidth();
    boolean shared = s.batch() % lanes == 0 && pixels >= (long) PIXELS_OF_A_LANE * lanes;
    return shared ? images(s, lanes) : all(s);
  }

  int count() {
    return bands.size() * times;
  }

  /** The rows of each part without their place, as equal where the same computes them. */
  List<ConvolvedRows> forms() {
    return IntStream.range(0, count()).mapToObj(part -> band(part).form()).toList();
  }

  /** Where each part begins in x, in bytes. */
  long[] placesInX(DType type) {
    return IntStream.range(0, count())
        .mapToLong(part -> band(part).placeInX(firstImage(part), type))
        .toArray();
  }

  /** Where each part begins in y, in bytes. */
  long[] placesInY(DType type) {
    return IntStream.range(0, count())
        .mapToLong(part -> band(part).placeInY(firstImage(part), type))
        .toArray();
  }

  private int firstImage(int part) {
    return part / bands.size() * band(part).images();
  }

  private ConvolvedRows band(int part) {
    return bands.get(part % bands.size());
  }
}
