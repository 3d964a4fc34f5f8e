package io.github.glia.kernels.cuda;

/** How many threads share a row of channels, as {@code lanes.cuh} asks. */
public final class Lanes {
  private static final int WARP = 32;
  private static final int CHANNELS_EACH = 4;

  private Lanes() {}

  /** A power of two, at most a warp, so that each thread has about four channels. */
  public static int of(int channels) {
    int lanes = 1;
    while (lanes < WARP && lanes * CHANNELS_EACH < channels) {
      lanes *= 2;
    }
    return lanes;
  }
}
