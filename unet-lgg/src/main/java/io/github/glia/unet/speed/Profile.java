package io.github.glia.unet.speed;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.KernelObserver;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which operations the time of steps goes to. */
public final class Profile {
  /** What is neither in a kernel of the vendor's library nor in one of plain Java. */
  static final String OUTSIDE = "outside kernels";

  private final List<Row> rows;
  private final double milliseconds;
  private final double vendorMilliseconds;
  private final long kernels;

  /**
   * An operation in a direction.
   *
   * @param calls in a step
   * @param milliseconds of a step
   * @param plainJava whether Java computes it, and not the vendor's library
   */
  public record Row(String operation, double calls, double milliseconds, boolean plainJava) {}

  private Profile(List<Row> rows, double milliseconds, double vendorMilliseconds, long kernels) {
    this.rows = rows;
    this.milliseconds = milliseconds;
    this.vendorMilliseconds = vendorMilliseconds;
    this.kernels = kernels;
  }

  /** Runs some steps and watches them. */
  public static Profile of(Step step, int steps) {
    Recorder recorder = new Recorder();
    Backend backend = Backend.of(step.options().device());
    backend.observe(recorder);
    long start = System.nanoTime();
    try {
      for (int i = 0; i < steps; i++) {
        step.run();
      }
    } finally {
      backend.observe(null);
    }
    return recorder.profile((System.nanoTime() - start) * 1e-6, steps);
  }

  /** Operations, the longest first, and what was outside of them. */
  public List<Row> rows() {
    return rows;
  }

  /** Of a step; watching adds a little. */
  public double milliseconds() {
    return milliseconds;
  }

  /** The time of a step that is not in the vendor's library: Java's own, in percent. */
  public double percentInJava() {
    return 100 * (1 - vendorMilliseconds / milliseconds);
  }

  /** How many kernels ran, in all steps. */
  public long kernels() {
    return kernels;
  }

  private static final class Recorder implements KernelObserver {
    private final Map<String, Sum> sums = new LinkedHashMap<>();
    private double vendor;
    private double all;
    private long kernels;

    @Override
    public void ran(String kernel, String implementation, long nanoseconds) {
      boolean plainJava = implementation.equals(PLAIN_JAVA);
      Sum sum = sums.computeIfAbsent(withoutShape(kernel), k -> new Sum(plainJava));
      sum.calls++;
      sum.milliseconds += nanoseconds * 1e-6;
      all += nanoseconds * 1e-6;
      vendor += plainJava ? 0 : nanoseconds * 1e-6;
      kernels++;
    }

    /** "conv2d Key[shape=…] forward" is "conv2d forward". */
    private static String withoutShape(String kernel) {
      int from = kernel.indexOf(' ');
      int to = kernel.lastIndexOf(']');
      return from < 0 || to < from ? kernel : kernel.substring(0, from) + kernel.substring(to + 1);
    }

    Profile profile(double milliseconds, int steps) {
      List<Row> rows = new java.util.ArrayList<>();
      sums.forEach(
          (operation, sum) ->
              rows.add(
                  new Row(
                      operation,
                      (double) sum.calls / steps,
                      sum.milliseconds / steps,
                      sum.plainJava)));
      rows.sort(Comparator.comparingDouble(Row::milliseconds).reversed());
      rows.add(new Row(OUTSIDE, 0, (milliseconds - all) / steps, true));
      return new Profile(List.copyOf(rows), milliseconds / steps, vendor / steps, kernels);
    }
  }

  private static final class Sum {
    final boolean plainJava;
    long calls;
    double milliseconds;

    Sum(boolean plainJava) {
      this.plainJava = plainJava;
    }
  }
}
