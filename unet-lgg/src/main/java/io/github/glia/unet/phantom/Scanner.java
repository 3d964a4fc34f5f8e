package io.github.glia.unet.phantom;

import io.github.glia.tensor.Philox;

/**
 * Takes slices of one head, with what a scanner adds for each sequence ({@link Coil}), and now and
 * then a sequence that was never taken.
 */
final class Scanner {
  private static final int SEQUENCES = 3;
  private static final double LOWEST = -63;
  private static final double CHANCE_OF_MISSING_SEQUENCE = 0.08;

  /**
   * Streams of random numbers of a patient: its anatomy, then one for each slice, and the last for
   * the sequence that the LGG set does not have.
   */
  private static final long STREAMS_PER_PATIENT = 1 << 16;

  /** What is seen at the pixels of a slice, row by row. */
  interface Sight {
    void at(int pixel, Place place, Voxel voxel, TumourPart part);
  }

  private final PhantomOptions options;
  private final long stream;
  private final Head head;
  private final Tumour tumour;
  private final double millimetresPerPixel;
  private final double softness;
  private final double[] heights;
  private final double centreX;
  private final double centreY;
  private final double tilt;
  private final Coil plain;
  private final Coil flair;
  private final Coil contrast;
  private final Coil t2;
  private final boolean plainMissing;
  private final boolean contrastMissing;

  Scanner(PhantomOptions options, int patient) {
    this.options = options;
    this.stream = patient * STREAMS_PER_PATIENT;
    Philox random = new Philox(options.seed(), stream);
    millimetresPerPixel = between(random, 212, 245) / options.size();
    centreX = between(random, -6, 6);
    centreY = between(random, -8, 8);
    tilt = between(random, -0.09, 0.09);
    double noise = between(random, 1.5, 4);
    plain = new Coil(random, noise);
    flair = new Coil(random, noise);
    contrast = new Coil(random, noise);
    t2 = new Coil(new Philox(options.seed(), stream + STREAMS_PER_PATIENT - 1), noise);
    plainMissing = random.nextFloat() < CHANCE_OF_MISSING_SEQUENCE;
    contrastMissing = random.nextFloat() < CHANCE_OF_MISSING_SEQUENCE;
    softness = 0.6 * millimetresPerPixel;
    head = new Head(random, softness);
    heights = heights(options.slices(), head.top());
    tumour = new Tumour(random, head, softness, heights);
  }

  static double between(Philox random, double least, double most) {
    return least + (most - least) * random.nextFloat();
  }

  private static double[] heights(int slices, double highest) {
    double[] heights = new double[slices];
    for (int slice = 0; slice < slices; slice++) {
      heights[slice] = LOWEST + (highest - LOWEST) * (slice + 0.5) / slices;
    }
    return heights;
  }

  double millimetresPerPixel() {
    return millimetresPerPixel;
  }

  double millimetresPerSlice() {
    return (head.top() - LOWEST) / options.slices();
  }

  /** The height of the first slice in millimetres. */
  double lowest() {
    return heights[0];
  }

  /**
   * Takes a slice as the LGG set has them.
   *
   * @param image takes {@code [size, size, 3]}
   * @param mask takes {@code [size, size]}, 1 for tumour
   */
  void scan(int slice, byte[] image, byte[] mask) {
    Philox random = noiseOf(slice);
    look(
        slice,
        (pixel, place, voxel, part) -> {
          mask[pixel] = (byte) (part == TumourPart.NONE ? 0 : 1);
          int at = pixel * SEQUENCES;
          byte shown = grey(flair.receive(voxel.flair, place, random));
          image[at + 1] = shown;
          image[at] = plainMissing ? shown : grey(plain.receive(voxel.plain, place, random));
          image[at + 2] =
              contrastMissing ? shown : grey(contrast.receive(voxel.contrast, place, random));
        });
  }

  private static byte grey(int brightness) {
    return (byte) Math.min(255, brightness);
  }

  /** Takes a slice as BraTS has them: four sequences, the parts of the tumour, no skull. */
  void scan(int slice, BratsVolumes volumes) {
    Philox random = noiseOf(slice);
    int first = slice * options.size() * options.size();
    look(
        slice,
        (pixel, place, voxel, part) -> {
          if (place.brain < 0) {
            int at = first + pixel;
            volumes.labels[at] = part.label;
            volumes.flair[at] = notEmpty(flair.receive(voxel.flair, place, random));
            volumes.t1[at] = notEmpty(plain.receive(voxel.plain, place, random));
            volumes.t1ce[at] = notEmpty(contrast.receive(voxel.contrast, place, random));
            volumes.t2[at] = notEmpty(t2.receive(voxel.t2, place, random));
          }
        });
  }

  /** 0 is what lies outside of the brain. */
  private static short notEmpty(int brightness) {
    return (short) Math.max(1, brightness);
  }

  private Philox noiseOf(int slice) {
    return new Philox(options.seed(), stream + 1 + slice);
  }

  private void look(int slice, Sight sight) {
    int size = options.size();
    double z = heights[slice];
    Voxel voxel = new Voxel();
    Place place = new Place();
    double cos = StrictMath.cos(tilt);
    double sin = StrictMath.sin(tilt);
    double half = (size - 1) / 2.0;
    for (int row = 0; row < size; row++) {
      double v = (half - row) * millimetresPerPixel - centreY;
      for (int column = 0; column < size; column++) {
        double u = (column - half) * millimetresPerPixel - centreX;
        place.set(cos * u - sin * v, sin * u + cos * v, z);
        TumourPart part = TumourPart.NONE;
        if (head.contains(place)) {
          tumour.push(place);
          head.locate(place);
          head.paint(voxel, place);
          part = tumour.paint(voxel, place);
        } else {
          voxel.fill(Tissue.AIR);
        }
        sight.at(row * size + column, place, voxel, part);
      }
    }
  }
}
