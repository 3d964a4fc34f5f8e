package io.github.glia.unet.data;

/**
 * Nearly normal numbers for noise in images, at the cost of an addition: a sum of four bytes. Its
 * tails end at 3.4 deviations.
 */
public final class RoughNormal {
  private static final int MEAN = 4 * 255 / 2;

  /** The deviation of one byte is √((256² − 1) / 12), and that of four twice as much. */
  private static final float DEVIATION = (float) (2 * Math.sqrt((256.0 * 256.0 - 1) / 12));

  /** By the sum of the bytes. */
  private static final float[] OF_SUM = new float[4 * 255 + 1];

  static {
    for (int sum = 0; sum < OF_SUM.length; sum++) {
      OF_SUM[sum] = (sum - MEAN) / DEVIATION;
    }
  }

  private RoughNormal() {}

  /** From 32 random bits a number with mean 0 and deviation 1. */
  public static float of(int bits) {
    int pairs = (bits & 0xff00ff) + ((bits >>> 8) & 0xff00ff);
    return OF_SUM[(pairs & 0xffff) + (pairs >>> 16)];
  }
}
