package io.github.glia.kernels.conv;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The matrices of {@link WinogradConv2d}, which computes tiles of m × m pixels of (m + 2) × (m +
 * 2).
 *
 * <p>In one dimension, what a filter of three makes of m + 2 numbers, read backwards, is the
 * product of polynomials of degree m − 1 and 2, which is known from its values at m + 1 points p
 * and its highest coefficient, "the value at ∞" (Toom and Cook). With {@code f(p) = Π (p − q)} over
 * all other points q,
 *
 * <pre>
 *   a row of G at p    [1  p  p²] / f(p)                      at ∞    [0  0  1]
 *   a row of A at p    [1  p  …  pᵐ⁻¹]                        at ∞    [0  …  0  1]
 *   a row of Bᵀ at p   the coefficients of Π (x − q), q ≠ p   at ∞    those of Π (x − q)
 * </pre>
 *
 * <p>Points 0 and ±p, ±q leave two or three zeros in each row of Bᵀ.
 */
final class WinogradMatrices {
  /**
   * Tiles of 2 × 2 pixels: sums and differences, and halves of them, so that what is made of small
   * integers is exact.
   *
   * <pre>
   *        ⎡−1  0  1  0⎤       ⎡−1  0  0⎤        ⎡1  1  1  0⎤
   *   Bᵀ = ⎢ 0  1  1  0⎥   G = ⎢ ½  ½  ½⎥   Aᵀ = ⎣0  1 −1  1⎦
   *        ⎢ 0 −1  1  0⎥       ⎢ ½ −½  ½⎥
   *        ⎣ 0 −1  0  1⎦       ⎣ 0  0  1⎦
   * </pre>
   */
  static final WinogradMatrices OF_2_PIXELS = new WinogradMatrices(0, 1, -1);

  /**
   * Tiles of 4 × 4 pixels. With these points rounding makes half of the error that it makes with ±1
   * and ±2, which are usual.
   */
  static final WinogradMatrices OF_4_PIXELS = new WinogradMatrices(0, .75, -.75, 1.5, -1.5);

  /** The side of a kernel. */
  private static final int KERNEL = 3;

  private final int pixels;
  private final float[][] a;
  private final float[][] b;
  private final float[][] g;

  /** All points but ∞. */
  WinogradMatrices(double... points) {
    int places = points.length + 1;
    pixels = places - KERNEL + 1;
    a = new float[places][pixels];
    b = new float[places][places];
    g = new float[places][KERNEL];
    for (int i = 0; i < points.length; i++) {
      double[] others = without(points, i);
      double f = 1;
      for (double other : others) {
        f *= points[i] - other;
      }
      for (int k = 0; k < pixels; k++) {
        a[i][k] = (float) Math.pow(points[i], k);
      }
      for (int k = 0; k < KERNEL; k++) {
        g[i][k] = (float) (Math.pow(points[i], k) / f);
      }
      b[i] = coefficients(places, others);
    }
    a[places - 1][pixels - 1] = 1;
    g[places - 1][KERNEL - 1] = 1;
    b[places - 1] = coefficients(places, points);
  }

  private static double[] without(double[] points, int i) {
    double[] others = Arrays.copyOf(points, points.length - 1);
    System.arraycopy(points, i + 1, others, i, points.length - 1 - i);
    return others;
  }

  /** Those of Π (x − q) from that of 1 on. */
  private static float[] coefficients(int count, double... roots) {
    double[] product = new double[count];
    product[0] = 1;
    for (double root : roots) {
      for (int k = count - 1; k >= 0; k--) {
        product[k] = (k == 0 ? 0 : product[k - 1]) - root * product[k];
      }
    }
    float[] rounded = new float[count];
    for (int k = 0; k < count; k++) {
      rounded[k] = (float) product[k];
    }
    return rounded;
  }

  /** The side of a tile, m. */
  int pixels() {
    return pixels;
  }

  /** The side of a transformed tile, m + 2. */
  int places() {
    return g.length;
  }

  /** Places in a transformed tile. */
  int planes() {
    return places() * places();
  }

  /** The rows of Bᵀ, of the pixels from m·i − 1 on for the tile i. */
  List<WinogradTaps> input() {
    return Stream.of(b).map(row -> WinogradTaps.of(row, 1, 1)).toList();
  }

  /** The rows of A, of the pixels from m·i on, of which there is always the first. */
  List<WinogradTaps> gradient() {
    return Stream.of(a).map(row -> WinogradTaps.of(row, 0, 0)).toList();
  }

  /** The rows of Aᵀ, of places. */
  List<WinogradTaps> output() {
    return IntStream.range(0, pixels)
        .mapToObj(
            k -> {
              float[] row = new float[places()];
              for (int i = 0; i < row.length; i++) {
                row[i] = a[i][k];
              }
              return WinogradTaps.of(row, 0, places());
            })
        .toList();
  }

  /** What the weight {@code (down, across)} is multiplied with for a plane: G ⊗ G. */
  float ofWeight(int plane, int down, int across) {
    return g[plane / places()][down] * g[plane % places()][across];
  }
}
