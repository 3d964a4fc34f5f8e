package io.github.glia.unet.phantom;

import static io.github.glia.unet.phantom.Voxel.inside;

import io.github.glia.tensor.Philox;

/**
 * Cerebrum, cerebellum and stem: a folded ribbon of grey matter around white matter, nuclei, and
 * fluid in the furrows and ventricles. Some of it is bright in FLAIR and is no tumour: caps on the
 * ventricles' horns, and small scars in the white matter, as older people have them.
 */
final class Brain {
  private static final double CORTEX = 3.4;
  private static final double DEEPEST_FURROW = 17;
  private static final double BASE = -15;

  private final Noise noise;
  private final double softness;
  private final double cavity;
  private final double furrowWidth;
  private final Ventricles ventricles;
  private final double capWidth;
  private final double capBrightness;
  private final double[][] scars;

  Brain(Philox random, Noise noise, double softness, double cavity) {
    this.noise = noise;
    this.softness = softness;
    this.cavity = cavity;
    double atrophy = random.nextFloat();
    furrowWidth = 0.3 + 0.9 * atrophy;
    ventricles = new Ventricles(0.75 + 0.6 * atrophy + Scanner.between(random, -0.1, 0.15));
    capWidth = Scanner.between(random, 2, 6);
    capBrightness = Scanner.between(random, 0.2, 0.9);
    scars = new double[random.nextInt(8)][];
    for (int i = 0; i < scars.length; i++) {
      scars[i] =
          new double[] {
            Scanner.between(random, 16, 42) * (random.nextFloat() < 0.5 ? -1 : 1),
            Scanner.between(random, -45, 45),
            Scanner.between(random, 5, 45),
            Scanner.between(random, 1.5, 4)
          };
    }
  }

  /** Fills in the distances; the depth under the skin is there already. */
  void locate(Place place) {
    double x = Math.abs(place.x);
    double y = place.y;
    double z = place.z;
    double wave = 3 * noise.at(x / 16, y / 16 + 3, z / 16);
    double bounds = cavity - place.depth;
    double cerebrum = BASE - 0.05 * y + wave - z;
    double temporal = Solid.ellipsoid(x - 37, y - 12, z + 20, 23, 38, 22) + wave;
    double brain = Math.max(bounds, Math.min(cerebrum, temporal));
    if (z < 0) {
      brain = Math.min(brain, Math.max(bounds, Math.min(cerebellum(x, y, z), stem(x, y, z))));
    }
    place.brain = brain;
    double[] at = place.origin;
    place.ventricle = ventricles.distance(at);
    place.midline = at[0] - 3 * noise.at(5, at[1] / 30, at[2] / 30);
    place.bridge = Math.max(0, -Solid.ellipsoid(0, at[1] + 4, at[2] - 4, 30, 40, 25));
  }

  private static double cerebellum(double x, double y, double z) {
    return Solid.ellipsoid(x - 13, y + 47, z + 31, 40, 36, 22);
  }

  private static double stem(double x, double y, double z) {
    return Solid.ellipsoid(x, y + 14 - 0.2 * (z + 20), z + 34, 14, 15, 60);
  }

  void paint(Voxel voxel, Place place) {
    double covered = inside(place.brain, softness);
    if (covered == 0) {
      return;
    }
    double toCortex =
        isHindbrain(place) ? folia(voxel, place, covered) : cortex(voxel, place, covered);
    nuclei(voxel, place);
    brightSpots(voxel, place, toCortex);
    voxel.paint(Tissue.FLUID, inside(place.ventricle, softness));
    double[] at = place.origin;
    double choroid = ventricles.choroid(at) + 1.5 * noise.at(at[0] / 3, at[1] / 3, at[2] / 3);
    voxel.paint(Tissue.CHOROID, inside(Math.max(choroid, place.ventricle), softness));
  }

  /** Cerebellum and stem, under the cerebrum. */
  private static boolean isHindbrain(Place place) {
    double x = Math.abs(place.x);
    boolean under = place.z < BASE - 0.05 * place.y + 2;
    return under && (cerebellum(x, place.y, place.z) < -0.5 || stem(x, place.y, place.z) < 0);
  }

  /** The cerebellum has thin leaves, and the stem none. */
  private double folia(Voxel voxel, Place place, double covered) {
    double x = Math.abs(place.x);
    double hull = cerebellum(x, place.y, place.z);
    double bend = 9 * noise.at(place.x / 16, place.y / 16, place.z / 16);
    double phase = (Math.hypot(x, place.y + 26) + bend) / 5;
    double leaf = Math.abs(phase - Math.floor(phase) - 0.5) * 5;
    voxel.paint(Tissue.WHITE, covered);
    boolean inStem = stem(x, place.y, place.z) < 0;
    if (!inStem) {
      voxel.paint(
          Tissue.GREY, covered * inside(-hull - 14, 3) * (0.55 + 0.45 * inside(leaf - 1.5, 1)));
      voxel.paint(
          Tissue.FLUID, 0.25 * furrowWidth * inside(0.5 - leaf, 0.5) * inside(-hull - 10, 4));
    }
    double fourth = Solid.ellipsoid(x, place.y + 33, place.z + 30, 7, 5, 12);
    voxel.paint(Tissue.FLUID, inside(fourth, softness));
    return -place.brain;
  }

  /** Furrows are where a smooth random function is zero; it is stretched towards the middle. */
  private double cortex(Voxel voxel, Place place, double covered) {
    double x = place.origin[0];
    double y = place.origin[1];
    double z = place.origin[2];
    double depth = place.depth - cavity;
    double radius = Math.sqrt(x * x + y * y * 0.7 + z * z * 0.8) + 1e-6;
    double stretch = (68 + (radius - 68) * 0.45) / radius;
    double bend = 0.5 * noise.at(x / 15, y / 15 + 9, z / 15);
    double side = x < 0 ? 13 : 0;
    double folds =
        noise.at(x * stretch / 13 + bend + side, y * stretch / 13 + bend, z * stretch / 13)
            + 0.35 * noise.at(x * stretch / 6.5, y * stretch / 6.5 + 5, z * stretch / 6.5 + side);
    double fade = Math.max(0, depth - DEEPEST_FURROW - 5 * bend);
    double furrow = Math.abs(folds) * 10 + 0.8 * fade;
    double sylvian = sylvian(Math.abs(x), y, z) + 4 * bend;
    double fissure = Math.abs(place.midline) + 2 * place.bridge;
    double toCortex = Math.min(Math.min(-place.brain, furrow), Math.min(sylvian, fissure));
    voxel.paint(Tissue.WHITE, covered);
    voxel.paint(Tissue.GREY, covered * inside(toCortex - CORTEX, 1.1));
    double open = furrowWidth * Math.max(0, 1.3 - depth / DEEPEST_FURROW);
    voxel.paint(Tissue.FLUID, covered * inside(furrow - open, 0.5 + softness * 0.5));
    voxel.paint(Tissue.FLUID, covered * inside(sylvian - furrowWidth, softness));
    voxel.paint(Tissue.FLUID, covered * inside(fissure - furrowWidth, softness));
    return toCortex;
  }

  /** The furrow between the temporal lobe and the rest, down to the insula. */
  private static double sylvian(double x, double y, double z) {
    double lift = (z - 2 + 0.8 * (y - 6)) / 1.3;
    double sheet = Math.abs(lift) - 0.3;
    double reach = Math.max(38 - x, Math.abs(y - 6) - 26);
    double insula = Math.abs(Solid.ellipsoid(x, y - 4, z - 4, 39, 34, 26)) - 0.3;
    double onInsula = Solid.ellipsoid(x - 40, y - 4, z - 5, 12, 20, 13);
    return Math.min(Math.max(sheet, reach), Math.max(insula, onInsula));
  }

  private void nuclei(Voxel voxel, Place place) {
    double x = Math.abs(place.origin[0]);
    double y = place.origin[1];
    double z = place.origin[2];
    double thalamus = Solid.ellipsoid(x - 11, y + 12, z - 5, 9, 15, 10);
    double caudate = Solid.ellipsoid(x - 13, y - 18, z - 10, 5, 11, 11);
    double lentiform = Solid.ellipsoid(x - 25 + 0.25 * y, y - 4, z - 3, 6, 17, 11);
    double nearest = Math.min(thalamus, Math.min(caudate, lentiform));
    voxel.paint(Tissue.DEEP_GREY, 0.9 * inside(nearest, 1.2));
  }

  private void brightSpots(Voxel voxel, Place place, double toCortex) {
    double horn = ventricles.toHorn(place.origin);
    double cap = inside(place.ventricle - capWidth, 2.5) * inside(horn - 11, 6);
    double rim = 0.5 * inside(place.ventricle - 1, 1.5);
    double inWhite = inside(CORTEX - toCortex, 1.5);
    voxel.paint(Tissue.GLIOSIS, capBrightness * Math.max(cap, rim) * inWhite);
    for (double[] scar : scars) {
      double ragged = noise.at(place.x / 4, place.y / 4, place.z / 4);
      double distance =
          Solid.ellipsoid(
              place.x - scar[0],
              place.y - scar[1],
              place.z - scar[2],
              scar[3],
              scar[3],
              2 * scar[3]);
      voxel.paint(Tissue.GLIOSIS, capBrightness * inside(distance + ragged, 1.2) * inWhite);
    }
  }
}
