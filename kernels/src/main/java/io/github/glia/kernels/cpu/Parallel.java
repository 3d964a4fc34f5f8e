package io.github.glia.kernels.cpu;

import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;

/**
 * Loops of plain Java over many elements, on all cores. Elements are split into parts of a fixed
 * size, and sums of parts are added in their order, so the number of threads changes no bit.
 */
public final class Parallel {
  /** Elements of a part: 64 KiB of F32, which stays in the nearest caches. */
  public static final int PART = 1 << 14;

  /** As many as the common pool of the JVM has, which leaves a core for the thread that asks. */
  private static final Team TEAM =
      new Team("glia-loops-", ForkJoinPool.getCommonPoolParallelism(), () -> {});

  private Parallel() {}

  /** What is done to the elements {@code from … from + n − 1}. */
  public interface Body extends Team.Body {
    void part(long from, int n);

    @Override
    default void part(int member, long from, int n) {
      part(from, n);
    }
  }

  /** Adds what the elements {@code from … from + n − 1} contribute to each of the sums. */
  public interface SumBody {
    void part(long from, int n, double[] sums);
  }

  /** Runs a body for all elements; the calls for two parts must not write to the same place. */
  public static void forEachPart(long count, Body body) {
    TEAM.run(count, PART, body);
  }

  /** The same with parts of another size. */
  public static void forEachPart(long count, int size, Body body) {
    TEAM.run(count, size, body);
  }

  /** Runs a body for every index on all cores; the bodies must not write to the same place. */
  public static void forEach(int count, IntConsumer body) {
    TEAM.run(count, 1, (member, index, n) -> body.accept((int) index));
  }

  /** Several sums over all elements at once, taken again at each call. */
  public static final class Sums {
    private final long count;
    private final double[][] partial;
    private final double[] total;
    private final Body body;

    public Sums(long count, int sums, SumBody of) {
      this.count = count;
      partial = new double[Math.toIntExact((count + PART - 1) / PART)][sums];
      total = new double[sums];
      body =
          (from, n) -> {
            double[] part = partial[(int) (from / PART)];
            Arrays.fill(part, 0);
            of.part(from, n, part);
          };
    }

    /** The sums, in an array that the next call uses again. */
    public double[] take() {
      TEAM.run(count, PART, body);
      Arrays.fill(total, 0);
      for (double[] part : partial) {
        for (int i = 0; i < total.length; i++) {
          total[i] += part[i];
        }
      }
      return total;
    }
  }
}
