package io.github.glia.unet.phantom;

/**
 * A place in a head, in millimetres from its middle (x to the side, y to the front, z up), and how
 * far it is from what matters there.
 */
final class Place {
  double x;
  double y;
  double z;

  /** How deep it lies under the skin; negative outside. */
  double depth;

  /** Distance to the surface of the brain; negative inside, infinite outside of the head. */
  double brain;

  /** Distance to the walls of the ventricles; negative inside. */
  double ventricle;

  /**
   * Distance to the membrane between the halves of the brain: positive on the side of positive x.
   */
  double midline;

  /** How deep it lies in the part of the brain where the halves are one; 0 elsewhere. */
  double bridge;

  /** The place in the healthy brain whose tissue is here now, as the tumour pushes it away. */
  final double[] origin = new double[3];

  void set(double newX, double newY, double newZ) {
    x = newX;
    y = newY;
    z = newZ;
    brain = Double.POSITIVE_INFINITY;
    origin[0] = newX;
    origin[1] = newY;
    origin[2] = newZ;
  }
}
