package io.github.glia.unet.phantom;

import io.github.glia.tensor.Philox;

/**
 * A smooth random function of space: random values on a lattice, and between them a smooth
 * interpolation. It repeats after {@value #PERIOD} lattice cells.
 */
final class Noise {
  private static final int PERIOD = 32;
  private static final int WRAP = PERIOD - 1;

  private final float[] lattice = new float[PERIOD * PERIOD * PERIOD];

  Noise(Philox random) {
    for (int i = 0; i < lattice.length; i++) {
      lattice[i] = 2 * random.nextFloat() - 1;
    }
  }

  /** Between -1 and 1; changes over a distance of about one. */
  double at(double x, double y, double z) {
    double floorX = Math.floor(x);
    double floorY = Math.floor(y);
    double floorZ = Math.floor(z);
    double alongX = ease(x - floorX);
    double alongY = ease(y - floorY);
    double alongZ = ease(z - floorZ);
    int x0 = (int) floorX & WRAP;
    int x1 = (x0 + 1) & WRAP;
    int y0 = ((int) floorY & WRAP) * PERIOD;
    int y1 = (y0 + PERIOD) & (WRAP * PERIOD);
    int z0 = ((int) floorZ & WRAP) * PERIOD * PERIOD;
    int z1 = (z0 + PERIOD * PERIOD) & (WRAP * PERIOD * PERIOD);
    return mix(
        mix(line(z0 + y0, x0, x1, alongX), line(z0 + y1, x0, x1, alongX), alongY),
        mix(line(z1 + y0, x0, x1, alongX), line(z1 + y1, x0, x1, alongX), alongY),
        alongZ);
  }

  private double line(int row, int x0, int x1, double along) {
    return mix(lattice[row + x0], lattice[row + x1], along);
  }

  private static double mix(double a, double b, double share) {
    return a + (b - a) * share;
  }

  private static double ease(double t) {
    return t * t * (3 - 2 * t);
  }
}
