package io.github.glia.unet.phantom;

/** The chambers of fluid in the middle of the brain, as chains of rods, alike on both sides. */
final class Ventricles {
  private static final double[] FRONT = {5, 31, 5};
  private static final double[] FORAMEN = {8, 8, 15};
  private static final double[] BODY = {12, -20, 18};
  private static final double[] ATRIUM = {23, -37, 8};
  private static final double[] BACK = {21, -56, 6};
  private static final double[] TEMPLE = {33, -8, -17};

  private final double width;

  /**
   * @param width 1 is usual; more in old age
   */
  Ventricles(double width) {
    this.width = width;
  }

  double distance(double[] place) {
    double[] p = {Math.abs(place[0]), place[1], place[2]};
    double third = Solid.ellipsoid(p[0], p[1] + 6, p[2] + 1, 2.2 * width, 14, 10);
    double front = Solid.rod(p, FRONT, FORAMEN, 4 * width, 4.2 * width);
    double body = Solid.rod(p, FORAMEN, BODY, 4.2 * width, 4.5 * width);
    double bend = Solid.rod(p, BODY, ATRIUM, 4.5 * width, 5 * width);
    double back = Solid.rod(p, ATRIUM, BACK, 4 * width, 1.2 * width);
    double temple = Solid.rod(p, ATRIUM, TEMPLE, 3 * width, 1.2 * width);
    return Math.min(Math.min(third, Math.min(front, body)), Math.min(bend, Math.min(back, temple)));
  }

  /** Distance to the tissue that makes the fluid; it takes up contrast agent. */
  double choroid(double[] place) {
    double[] p = {Math.abs(place[0]), place[1], place[2]};
    return Solid.rod(p, BODY, ATRIUM, 1.2, 3.4);
  }

  /** Distance to the nearest end of a chamber. */
  double toHorn(double[] place) {
    double x = Math.abs(place[0]);
    return Math.min(
        length(x - FRONT[0] - 3, place[1] - FRONT[1], place[2] - FRONT[2]),
        length(x - BACK[0], place[1] - BACK[1] - 8, place[2] - BACK[2]));
  }

  private static double length(double x, double y, double z) {
    return Math.sqrt(x * x + y * y + z * z);
  }
}
