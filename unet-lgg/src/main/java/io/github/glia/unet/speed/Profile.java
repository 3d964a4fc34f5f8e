package io.github.glia.unet.speed;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.KernelObserver;
import java.util.ArrayList;
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

  /** Runs some steps and watches them, after one that gets used to being watched. */
  public static Profile of(Step step, int steps) {
    watch(step, 1, new Recorder());
    Recorder recorder = new Recorder();
    return recorder.profile(watch(step, steps, recorder), steps);
  }

  private static double watch(Step step, int steps, Recorder recorder) {
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
    return (System.nanoTime() - start) * 1e-6;
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

  /** Does little while steps run, since its own time would be taken for that outside of kernels. */
  private static final class Recorder implements KernelObserver {
    private final Map<String, Sum> sums = new LinkedHashMap<>();

    @Override
    public void ran(String kernel, String implementation, long nanoseconds) {
      Sum sum = sums.get(kernel);
      if (sum == null) {
        sum = new Sum(implementation.equals(PLAIN_JAVA));
        sums.put(kernel, sum);
      }
      sum.calls++;
      sum.nanoseconds += nanoseconds;
    }

    /** "conv2d Key[shape=…] forward" is "conv2d forward". */
    private static String withoutShape(String kernel) {
      int from = kernel.indexOf(' ');
      int to = kernel.lastIndexOf(']');
      return from < 0 || to < from ? kernel : kernel.substring(0, from) + kernel.substring(to + 1);
    }

    Profile profile(double milliseconds, int steps) {
      Map<String, Sum> operations = new LinkedHashMap<>();
      sums.forEach(
          (kernel, sum) ->
              operations
                  .computeIfAbsent(withoutShape(kernel), name -> new Sum(sum.plainJava))
                  .add(sum));
      Sum all = new Sum(false);
      Sum vendor = new Sum(false);
      List<Row> rows = new ArrayList<>();
      operations.forEach(
          (operation, sum) -> {
            all.add(sum);
            if (!sum.plainJava) {
              vendor.add(sum);
            }
            double calls = (double) sum.calls / steps;
            rows.add(new Row(operation, calls, sum.milliseconds() / steps, sum.plainJava));
          });
      rows.sort(Comparator.comparingDouble(Row::milliseconds).reversed());
      rows.add(new Row(OUTSIDE, 0, (milliseconds - all.milliseconds()) / steps, true));
      return new Profile(
          List.copyOf(rows), milliseconds / steps, vendor.milliseconds() / steps, all.calls);
    }
  }

  private static final class Sum {
    final boolean plainJava;
    long calls;
    long nanoseconds;

    Sum(boolean plainJava) {
      this.plainJava = plainJava;
    }

    void add(Sum other) {
      calls += other.calls;
      nanoseconds += other.nanoseconds;
    }

    double milliseconds() {
      return nanoseconds * 1e-6;
    }
  }
}
