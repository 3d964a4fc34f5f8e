package io.github.glia.unet.phantom;

import static io.github.glia.unet.phantom.Voxel.inside;

import io.github.glia.tensor.Philox;

/** What is around the brain: scalp, bone, eyes, nose and the soft tissue of the face. */
final class Skull {
  /** Below this height the brain's bone no longer follows the scalp, and the face begins. */
  private static final double FACE = -20;

  private final Noise noise;
  private final double softness;
  private final double halfWidth;
  private final double halfLength;
  private final double top;
  private final double scalp;
  private final double bone;

  Skull(Philox random, Noise noise, double softness) {
    this.noise = noise;
    this.softness = softness;
    halfWidth = Scanner.between(random, 73, 82);
    halfLength = Scanner.between(random, 91, 102);
    top = Scanner.between(random, 84, 94);
    scalp = Scanner.between(random, 4, 7);
    bone = Scanner.between(random, 5, 8);
  }

  double top() {
    return top;
  }

  /** How deep under the skin the brain begins. */
  double cavity() {
    return scalp + bone;
  }

  /** Depth under the skin: the head is an egg, narrower in front and long below, with a nose. */
  double depth(double x, double y, double z) {
    double narrow = 1 + 0.12 * y / halfLength;
    double level = z < 0 ? 0.42 * z : z * (0.55 + 0.45 * z / top);
    double egg = Solid.ellipsoid(x * narrow, y, level, halfWidth, halfLength, top);
    double nose = z < FACE ? Solid.ellipsoid(x, y - 92, z + 50, 13, 20, 26) : egg;
    return 2.5 * noise.at(x / 45, y / 45, z / 45) - Math.min(egg, nose);
  }

  void paint(Voxel voxel, Place place) {
    double uneven = noise.at(place.x / 14 + 7, place.y / 14, place.z / 14);
    double skin = scalp + 1.5 * uneven;
    voxel.fill(Tissue.AIR);
    voxel.paint(Tissue.FAT, inside(-place.depth, softness) * (0.85 + 0.15 * uneven));
    temple(voxel, place, skin);
    double relaxed = Math.max(0, 3 * (place.z - FACE));
    double outerBone = Math.max(skin - place.depth, place.brain - bone - relaxed);
    if (place.z < 0 && outerBone > -softness) {
      face(voxel, place, skin);
    }
    double obliqueness = 0.08 * Math.max(0, place.z - 45);
    voxel.paint(Tissue.BONE, inside(outerBone, softness + obliqueness));
    double marrow = Math.abs(place.depth - skin - bone * 0.45) - bone * 0.16;
    voxel.paint(Tissue.MARROW, 0.8 * inside(marrow, 0.8) * inside(-30 - place.z, 8));
    double spongy = noise.at(place.x / 6 + 3, place.y / 6, place.z / 6);
    double base = inside(Math.max(outerBone + 1, place.z + 6), 4);
    voxel.paint(Tissue.MARROW, 0.8 * base * inside(-spongy - 0.1, 0.4));
    voxel.paint(Tissue.FLUID, inside(place.brain - 2, softness));
  }

  /** The muscle that closes the jaw lies beside the skull. */
  private void temple(Voxel voxel, Place place, double skin) {
    double muscle =
        Solid.ellipsoid(Math.abs(place.x) - halfWidth + 2, place.y - 28, place.z + 18, 9, 32, 34);
    voxel.paint(Tissue.MUSCLE, inside(Math.max(muscle, skin - 2 - place.depth), softness));
  }

  private void face(Voxel voxel, Place place, double skin) {
    double x = Math.abs(place.x);
    double y = place.y;
    double z = place.z;
    double deep = inside(skin - place.depth, softness);
    double bend = 1.3 * noise.at(place.x / 13, y / 13 + 5, z / 13);
    double coarse = noise.at(place.x / 10 + bend, y / 10 - bend, z / 10);
    double fine = noise.at(place.x / 4 - bend, y / 4 + bend, z / 4);
    double turbinate = noise.at(x / 3.5 + bend, y / 16, z / 8);
    voxel.paint(Tissue.MUSCLE, deep);
    voxel.paint(Tissue.FAT, 0.75 * deep * inside(0.1 - coarse - 0.4 * fine, 0.5));
    voxel.paint(Tissue.BONE, 0.7 * deep * inside(0.35 + coarse - 0.3 * fine, 0.4));
    double cavity = Solid.ellipsoid(x, y - 62, z + 44, 15, 34, 26);
    voxel.paint(Tissue.AIR, deep * inside(cavity, softness));
    voxel.paint(Tissue.MUCOSA, deep * inside(cavity, softness) * inside(-turbinate - 0.1, 0.3));
    double sinus = Solid.ellipsoid(x - 30, y - 60, z + 58, 14, 16, 14);
    voxel.paint(Tissue.AIR, deep * inside(sinus, softness));
    double mastoid = Solid.ellipsoid(x - 50, y + 24, z + 38, 13, 16, 16);
    voxel.paint(Tissue.AIR, deep * inside(mastoid, 3) * inside(-coarse - 0.1, 0.3));
    double orbit = Solid.ellipsoid(x - 31, y - 62, z + 30, 19, 26, 18);
    voxel.paint(Tissue.FAT, deep * inside(orbit, softness));
    double eyeMuscle = Math.abs(Solid.ellipsoid(x - 31, y - 56, z + 30, 11, 22, 11)) - 1.5;
    voxel.paint(Tissue.MUSCLE, inside(Math.max(eyeMuscle, orbit), softness));
    double globe = Solid.ellipsoid(x - 32, y - 74, z + 30, 12, 12, 12);
    voxel.paint(Tissue.MUSCLE, inside(globe - 1.5, softness));
    voxel.paint(Tissue.EYE, inside(globe, softness));
  }
}
