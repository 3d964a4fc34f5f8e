package io.github.glia.unet.phantom;

import static io.github.glia.unet.phantom.Voxel.inside;

import io.github.glia.tensor.Philox;

/**
 * A glioma: an irregular body somewhere in the brain that pushes its surroundings away. In some
 * patients its middle has died and is dark; in some the rim of that takes up contrast agent.
 */
final class Tumour {
  private static final double SMALLEST = 11;
  private static final double LARGEST = 32;
  private static final double PUSH = 0.22;
  private static final int TRIES = 1000;

  private final Noise noise;
  private final double softness;
  private final double radius;
  private final double[] centre = new double[3];
  private final double[] stretch = new double[3];
  private final double raggedness;
  private final double strength;
  private final double coreShare;
  private final boolean rim;

  /**
   * @param heights those of the slices; the tumour's middle lies in one of them
   */
  Tumour(Philox random, Head head, double softness, double[] heights) {
    this.softness = softness;
    noise = new Noise(random);
    radius = Scanner.between(random, SMALLEST, LARGEST);
    for (int axis = 0; axis < 3; axis++) {
      stretch[axis] = Scanner.between(random, 0.8, 1.25);
    }
    raggedness = Scanner.between(random, 0.2, 0.5);
    strength = Scanner.between(random, 0.65, 1);
    coreShare = random.nextFloat() < 0.4 ? Scanner.between(random, 0.3, 0.6) : 0;
    rim = random.nextFloat() < 0.6;
    settle(random, head, heights);
  }

  /** Draws places until one is well inside the white matter. */
  private void settle(Philox random, Head head, double[] heights) {
    Place place = new Place();
    for (int i = 0; i < TRIES; i++) {
      double x = Scanner.between(random, -52, 52);
      double y = Scanner.between(random, -60, 62);
      double z = nearest(heights, Scanner.between(random, -8, 58));
      place.set(x, y, z);
      if (head.contains(place)) {
        head.locate(place);
        if (place.brain < -8 && place.ventricle > 2 && Math.abs(place.midline) > 0.5 * radius) {
          break;
        }
      }
    }
    centre[0] = place.x;
    centre[1] = place.y;
    centre[2] = place.z;
  }

  private static double nearest(double[] heights, double wanted) {
    double best = heights[0];
    for (double height : heights) {
      if (Math.abs(height - wanted) < Math.abs(best - wanted)) {
        best = height;
      }
    }
    return best;
  }

  /** Finds whose tissue is at a place: what was nearer to the middle of the tumour. */
  void push(Place place) {
    double dx = place.x - centre[0];
    double dy = place.y - centre[1];
    double dz = place.z - centre[2];
    double square = (dx * dx + dy * dy + dz * dz) / (2 * radius * radius);
    double back = 1 - PUSH / (1 + square * square);
    place.origin[0] = centre[0] + back * dx;
    place.origin[1] = centre[1] + back * dy;
    place.origin[2] = centre[2] + back * dz;
  }

  /** Paints the tumour, and says which part of it the place belongs to. */
  TumourPart paint(Voxel voxel, Place place) {
    double x = place.x - centre[0];
    double y = place.y - centre[1];
    double z = place.z - centre[2];
    double body =
        Solid.ellipsoid(x, y, z, radius * stretch[0], radius * stretch[1], radius * stretch[2]);
    if (body > radius) {
      return TumourPart.NONE;
    }
    double coarse = noise.at(place.x / 14, place.y / 14, place.z / 14);
    double fine = noise.at(place.x / 5, place.y / 5 + 9, place.z / 5);
    double edge = body + raggedness * (0.8 * radius * coarse + 0.2 * radius * fine);
    double bounds = Math.max(place.brain + 1.5, 0.5 - place.ventricle);
    double own = Math.signum(centre[0]) * place.midline + place.bridge;
    bounds = Math.max(bounds, 1.5 - own);
    double surface = Math.max(edge, bounds);
    double texture = 0.85 + 0.15 * fine;
    voxel.paint(Tissue.TUMOUR, strength * texture * inside(surface, 1 + softness));
    TumourPart part = surface < 0 ? TumourPart.OEDEMA : TumourPart.NONE;
    if (coreShare > 0) {
      double core = Math.max(surface, edge + (1 - coreShare) * radius + 3 * fine);
      voxel.paint(Tissue.CORE, 0.8 * inside(core, softness));
      part = core < 0 ? TumourPart.CORE : part;
      if (rim) {
        double band = Math.max(surface, Math.abs(core) - 1.5);
        voxel.paint(Tissue.RIM, (0.7 + 0.3 * coarse) * inside(band, softness));
        part = band < 0 ? TumourPart.RIM : part;
      }
    }
    return part;
  }
}
