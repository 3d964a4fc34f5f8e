package io.github.glia.unet.phantom;

/**
 * How many made-up brains, and how large.
 *
 * @param patients how many volumes
 * @param slices how many slices each volume has, from the base of the skull to the vertex
 * @param size width and height of a slice in pixels
 * @param seed the same seed gives the same brains
 */
public record PhantomOptions(int patients, int slices, int size, long seed) {
  private static final int SMALLEST_SIZE = 32;
  private static final int LARGEST_SIZE = 4096;
  private static final int MOST = 9999;

  public PhantomOptions {
    check("patients", patients, 1, MOST);
    check("slices", slices, 1, MOST);
    check("size", size, SMALLEST_SIZE, LARGEST_SIZE);
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " of the phantoms is " + value + ": expected " + least + " to " + most);
    }
  }
}
