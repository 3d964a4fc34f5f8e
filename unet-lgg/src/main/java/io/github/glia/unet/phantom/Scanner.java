package io.github.glia.unet.phantom;

import io.github.glia.tensor.Philox;
import io.github.glia.unet.data.RoughNormal;

/**
 * Takes slices of one head, with what a scanner adds: a gain of its own for each sequence, a field
 * that is brighter on one side, noise, and now and then a sequence that was never taken.
 */
final class Scanner {
  private static final int SEQUENCES = 3;
  private static final double LOWEST = -63;
  private static final double CHANCE_OF_MISSING_SEQUENCE = 0.08;

  /** Streams of random numbers of a patient: its anatomy, and from there on one for each slice. */
  private static final long STREAMS_PER_PATIENT = 1 << 16;

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
  private final double[] gain = new double[SEQUENCES];
  private final double[][] field = new double[SEQUENCES][];
  private final double noise;
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
    noise = between(random, 1.5, 4);
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
      gain[sequence] = between(random, 0.8, 1.3);
      field[sequence] = new double[5];
      for (int i = 0; i < field[sequence].length; i++) {
        field[sequence][i] = between(random, -0.16, 0.16);
      }
    }
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

  /**
   * @param image takes {@code [size, size, 3]}
   * @param mask takes {@code [size, size]}, 1 for tumour
   */
  void scan(int slice, byte[] image, byte[] mask) {
    int size = options.size();
    double z = heights[slice];
    Philox random = new Philox(options.seed(), stream + 1 + slice);
    Voxel voxel = new Voxel();
    Place place = new Place();
    double cos = StrictMath.cos(tilt);
    double sin = StrictMath.sin(tilt);
    double half = (size - 1) / 2.0;
    for (int row = 0; row < size; row++) {
      double v = (half - row) * millimetresPerPixel - centreY;
      for (int column = 0; column < size; column++) {
        double u = (column - half) * millimetresPerPixel - centreX;
        double x = cos * u - sin * v;
        double y = sin * u + cos * v;
        int pixel = row * size + column;
        place.set(x, y, z);
        if (head.contains(place)) {
          tumour.push(place);
          head.locate(place);
          head.paint(voxel, place);
          mask[pixel] = (byte) (tumour.paint(voxel, place) ? 1 : 0);
        } else {
          voxel.fill(Tissue.AIR);
        }
        int at = pixel * SEQUENCES;
        image[at + 1] = receive(1, voxel.flair, place, random);
        image[at] = plainMissing ? image[at + 1] : receive(0, voxel.plain, place, random);
        image[at + 2] = contrastMissing ? image[at + 1] : receive(2, voxel.contrast, place, random);
      }
    }
  }

  /** A scanner shows the length of a signal that has noise in two directions. */
  private byte receive(int sequence, double signal, Place place, Philox random) {
    double[] f = field[sequence];
    double u = place.x / 100;
    double v = place.y / 100;
    double w = place.z / 100;
    double brightness = 1 + f[0] * u + f[1] * v + f[2] * w + f[3] * u * v + f[4] * (u * u + v * v);
    double real = gain[sequence] * brightness * signal + noise * RoughNormal.of(random.nextInt());
    double imaginary = noise * RoughNormal.of(random.nextInt());
    double length = Math.sqrt(real * real + imaginary * imaginary);
    return (byte) Math.min(255, (int) (length + 0.5));
  }
}
