package io.github.glia.unet.data;

import io.github.glia.tensor.Philox;

/**
 * A random change of shape: for each pixel of a sample the place in the slice that it shows.
 *
 * <pre>
 *   place = centre + R(angle) · flip · (pixel − middle) / zoom + shift + deformation(pixel) / zoom
 * </pre>
 *
 * The deformation is a cubic B-spline over a coarse lattice of random displacements: smooth, and
 * because the displacements are small beside the lattice, without folds.
 */
final class Warp {
  private static final int CELLS = 6;
  private static final int KNOTS = CELLS + 3;

  /**
   * Two neighbouring knots differ by at most twice the displacement. Up to half the distance
   * between them, all slopes are at most 1/2, and the deformation folds nowhere.
   */
  static final double LARGEST_ELASTIC = 1.0 / (4 * CELLS);

  private final int size;
  private final float[] column; // the change of the place from one column to the next: x, y
  private final float[] row;
  private final float[] origin; // the place of the first pixel
  private final float[] knots; // [knot row][knot column][x, y]; null without deformation
  private final float[][] splineWeights; // of the four knots about each place
  private final int[] splineCells;
  private final float[] rowKnots = new float[KNOTS * 2];

  /**
   * @param size side of the sample
   * @param centreX where in the slice the sample's middle lies
   */
  Warp(Augmentation ranges, int size, double centreX, double centreY, Philox random) {
    this.size = size;
    boolean mirrored = random.nextFloat() < ranges.flip();
    boolean upsideDown = random.nextFloat() < ranges.flipVertical();
    double angle = Math.toRadians(ranges.rotation()) * symmetric(random);
    double zoom = 1 + ranges.zoom() * symmetric(random);
    double shiftX = ranges.shift() * size * symmetric(random);
    double shiftY = ranges.shift() * size * symmetric(random);
    double cos = StrictMath.cos(angle) / zoom;
    double sin = StrictMath.sin(angle) / zoom;
    double signX = mirrored ? -1 : 1;
    double signY = upsideDown ? -1 : 1;
    column = new float[] {(float) (cos * signX), (float) (sin * signX)};
    row = new float[] {(float) (-sin * signY), (float) (cos * signY)};
    double middle = (size - 1) / 2.0;
    origin =
        new float[] {
          (float) (centreX + shiftX - middle * (cos * signX - sin * signY)),
          (float) (centreY + shiftY - middle * (sin * signX + cos * signY))
        };
    double displacement = ranges.elastic() * random.nextFloat() * size / zoom;
    if (displacement == 0) {
      knots = null;
      splineWeights = null;
      splineCells = null;
      return;
    }
    knots = new float[KNOTS * KNOTS * 2];
    for (int i = 0; i < knots.length; i++) {
      knots[i] = (float) (displacement * symmetric(random));
    }
    splineWeights = new float[4][size];
    splineCells = new int[size];
    for (int i = 0; i < size; i++) {
      splineCells[i] = spline((double) i * CELLS / size, splineWeights, i);
    }
  }

  private static double symmetric(Philox random) {
    return 2.0 * random.nextFloat() - 1;
  }

  /** The weights of the four knots about a place, and the first of them. */
  private static int spline(double place, float[][] weights, int at) {
    int cell = (int) place;
    double t = place - cell;
    double s = 1 - t;
    weights[0][at] = (float) (s * s * s / 6);
    weights[1][at] = (float) ((3 * t * t * t - 6 * t * t + 4) / 6);
    weights[2][at] = (float) ((3 * s * s * s - 6 * s * s + 4) / 6);
    weights[3][at] = (float) (t * t * t / 6);
    return cell;
  }

  /** The places in the slice that a row of the sample shows. */
  void places(int y, float[] xs, float[] ys) {
    float startX = origin[0] + y * row[0];
    float startY = origin[1] + y * row[1];
    for (int x = 0; x < size; x++) {
      xs[x] = startX + x * column[0];
      ys[x] = startY + x * column[1];
    }
    if (knots != null) {
      deform(y, xs, ys);
    }
  }

  private void deform(int y, float[] xs, float[] ys) {
    int stride = KNOTS * 2;
    int first = splineCells[y] * stride;
    for (int i = 0; i < stride; i++) {
      rowKnots[i] =
          splineWeights[0][y] * knots[first + i]
              + splineWeights[1][y] * knots[first + stride + i]
              + splineWeights[2][y] * knots[first + 2 * stride + i]
              + splineWeights[3][y] * knots[first + 3 * stride + i];
    }
    int from = 0;
    while (from < size) {
      int to = from + 1;
      while (to < size && splineCells[to] == splineCells[from]) {
        to++;
      }
      int knot = 2 * splineCells[from];
      add(xs, from, to, knot);
      add(ys, from, to, knot + 1);
      from = to;
    }
  }

  /** Adds what four knots, the same for all of these places, displace along one axis. */
  private void add(float[] places, int from, int to, int knot) {
    float[] a = splineWeights[0];
    float[] b = splineWeights[1];
    float[] c = splineWeights[2];
    float[] d = splineWeights[3];
    float first = rowKnots[knot];
    float second = rowKnots[knot + 2];
    float third = rowKnots[knot + 4];
    float fourth = rowKnots[knot + 6];
    for (int x = from; x < to; x++) {
      places[x] += a[x] * first + b[x] * second + c[x] * third + d[x] * fourth;
    }
  }
}
