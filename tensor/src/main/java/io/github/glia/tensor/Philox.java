package io.github.glia.tensor;

/**
 * Random numbers by counting: Philox 4×32 with ten rounds (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", 2011).
 *
 * <p>Number {@code i} of a stream is a function of the seed, the stream and {@code i} alone, so any
 * number of threads, on any device, draw the same numbers, and a resumed run goes on where the
 * first one stopped.
 */
public final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long LOW_BITS = 0xffff_ffffL;

  /** What {@link #blocks} works on stays in the nearest cache. */
  private static final int BLOCKS_AT_ONCE = 512;

  private static final ThreadLocal<long[][]> COUNTERS =
      ThreadLocal.withInitial(() -> new long[4][BLOCKS_AT_ONCE]);

  private final long seed;
  private final long stream;
  private final int[] block = new int[4];
  private long position;

  public Philox(long seed, long stream) {
    this(seed, stream, 0);
  }

  /** A generator whose next number is the one at that position. */
  public Philox(long seed, long stream, long position) {
    this.seed = seed;
    this.stream = stream;
    seek(position);
  }

  /** How many numbers were drawn; with seed and stream, all of the generator's state. */
  public long position() {
    return position;
  }

  public void seek(long newPosition) {
    if (newPosition < 0) {
      throw new IllegalArgumentException("position " + newPosition + " is negative");
    }
    position = newPosition;
    if (position % 4 != 0) {
      block(seed, stream, position / 4, block);
    }
  }

  /** 32 random bits. */
  public int nextInt() {
    int lane = (int) (position % 4);
    if (lane == 0) {
      block(seed, stream, position / 4, block);
    }
    position++;
    return block[lane];
  }

  /** Uniform in [0, 1). */
  public float nextFloat() {
    return toUniform(nextInt());
  }

  /** Uniform in [0, bound). */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound " + bound + ": expected at least 1");
    }
    return (int) (((nextInt() & 0xffff_ffffL) * bound) >>> 32);
  }

  /** Normal with mean 0 and deviation 1, by Box and Muller; draws two numbers. */
  public float nextGaussian() {
    double u = ((nextInt() & 0xffff_ffffL) + 1) * 0x1p-32;
    double v = (nextInt() & 0xffff_ffffL) * 0x1p-32;
    return (float) (Math.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v));
  }

  /** The top 24 bits as a number in [0, 1). */
  public static float toUniform(int bits) {
    return (bits >>> 8) * 0x1p-24f;
  }

  /** The four numbers at positions {@code 4 counter … 4 counter + 3} of a stream. */
  public static void block(long seed, long stream, long counter, int[] out) {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & 0xffff_ffffL);
      long product1 = MULTIPLIER_1 * (c2 & 0xffff_ffffL);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /**
   * The numbers from position {@code 4 counter} of a stream on: {@link #block} for many counters
   * side by side, which the compiler turns into vector instructions.
   *
   * @param out to fill, a multiple of four
   */
  public static void blocks(long seed, long stream, long counter, int[] out) {
    blocks(seed, stream, counter, 1, out);
  }

  /**
   * The same of every so many counters.
   *
   * @param step from one counter to the next
   */
  public static void blocks(long seed, long stream, long counter, long step, int[] out) {
    if (out.length % 4 != 0) {
      throw new IllegalArgumentException(
          "a block is four numbers, but " + out.length + " are not a multiple of four");
    }
    long[][] counters = COUNTERS.get();
    long[] c0 = counters[0];
    long[] c1 = counters[1];
    long[] c2 = counters[2];
    long[] c3 = counters[3];
    for (int done = 0; done < out.length / 4; done += BLOCKS_AT_ONCE) {
      int some = Math.min(BLOCKS_AT_ONCE, out.length / 4 - done);
      for (int i = 0; i < some; i++) {
        c0[i] = (counter + (done + i) * step) & LOW_BITS;
        c1[i] = (counter + (done + i) * step) >>> 32;
        c2[i] = stream & LOW_BITS;
        c3[i] = stream >>> 32;
      }
      int k0 = (int) seed;
      int k1 = (int) (seed >>> 32);
      for (int round = 0; round < ROUNDS; round++) {
        mix(c0, c1, c2, c3, k0 & LOW_BITS, k1 & LOW_BITS, some);
        k0 += WEYL_0;
        k1 += WEYL_1;
      }
      for (int i = 0; i < some; i++) {
        int at = 4 * (done + i);
        out[at] = (int) c0[i];
        out[at + 1] = (int) c1[i];
        out[at + 2] = (int) c2[i];
        out[at + 3] = (int) c3[i];
      }
    }
  }

  /** One round of many blocks; each long holds 32 bits. */
  private static void mix(
      long[] c0, long[] c1, long[] c2, long[] c3, long k0, long k1, int blocks) {
    for (int i = 0; i < blocks; i++) {
      long product0 = MULTIPLIER_0 * c0[i];
      long product1 = MULTIPLIER_1 * c2[i];
      c0[i] = (product1 >>> 32) ^ c1[i] ^ k0;
      c1[i] = product1 & LOW_BITS;
      c2[i] = (product0 >>> 32) ^ c3[i] ^ k1;
      c3[i] = product0 & LOW_BITS;
    }
  }
}
