package io.github.glia.kernels.cpu;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Loops of plain Java over many elements, on all cores. Elements are split into parts of a fixed
 * size, and sums of parts are added in their order, so the number of threads changes no bit.
 */
public final class Parallel {
  /** Elements of a part: 64 KiB of F32, which stays in the nearest caches. */
  public static final int PART = 1 << 14;

  private Parallel() {}

  /** What is done to the elements {@code from … from + n − 1}. */
  public interface Body {
    void part(long from, int n);
  }

  /** Adds what the elements {@code from … from + n − 1} contribute to each of the sums. */
  public interface SumBody {
    void part(long from, int n, double[] sums);
  }

  public static void forEachPart(long count, Body body) {
    forEach(parts(count), p -> body.part(first(p), size(p, count)));
  }

  /** Runs a body for every index on all cores; the bodies must not write to the same place. */
  public static void forEach(int count, IntConsumer body) {
    if (count == 1) {
      body.accept(0);
    } else {
      IntStream.range(0, count).parallel().forEach(body);
    }
  }

  /** Several sums over all elements at once. */
  public static double[] sum(long count, int sums, SumBody body) {
    double[][] partial = new double[parts(count)][sums];
    forEach(partial.length, p -> body.part(first(p), size(p, count), partial[p]));
    double[] total = new double[sums];
    for (double[] part : partial) {
      for (int i = 0; i < sums; i++) {
        total[i] += part[i];
      }
    }
    return total;
  }

  private static int parts(long count) {
    return Math.toIntExact((count + PART - 1) / PART);
  }

  private static long first(int part) {
    return (long) part * PART;
  }

  private static int size(int part, long count) {
    return (int) Math.min(PART, count - first(part));
  }
}
