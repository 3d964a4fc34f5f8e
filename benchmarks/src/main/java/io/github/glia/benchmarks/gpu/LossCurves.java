package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Device;
import io.github.glia.unet.train.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Trains the same network on the CPU in F32 and on a device in other precisions, writes the losses
 * side by side, and fails where they part.
 *
 * <pre>
 *   LossCurves DEVICE NETWORK BATCH SIZE STEPS CSV PRECISION...
 * </pre>
 *
 * Rounding grows with every step, so only the first loss must agree closely; of the last tenth of
 * the steps the means must.
 */
public final class LossCurves {
  private static final double TOLERANCE_OF_THE_END = 0.05;

  /** Batches that are seen in turns. */
  private static final int BATCHES = 8;

  private LossCurves() {}

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args[0]);
    List<Images> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(Images.of(Integer.parseInt(args[2]), Integer.parseInt(args[3]), i));
    }
    int steps = Integer.parseInt(args[4]);
    Map<String, double[]> curves = new LinkedHashMap<>();
    double[] expected = losses(Device.cpu(), args[1], Precision.F32, batches, steps);
    curves.put("reference (cpu f32)", expected);
    List<String> faults = new ArrayList<>();
    for (String name : List.of(args).subList(6, args.length)) {
      double[] losses = losses(device, args[1], Course.precision(name), batches, steps);
      String curve = device + " " + name;
      curves.put(curve, losses);
      System.out.println(curve + ": " + describe(expected, losses));
      faults.addAll(faults(curve, Course.precision(name), expected, losses));
    }
    Files.writeString(Path.of(args[5]), csv(curves));
    if (!faults.isEmpty()) {
      throw new AssertionError(String.join("; ", faults));
    }
  }

  private static double[] losses(
      Device device, String network, Precision precision, List<Images> batches, int steps) {
    double[] losses = new double[steps];
    try (Course course = new Course(device, network, precision, true)) {
      for (int i = 0; i < steps; i++) {
        losses[i] = course.step(batches.get(i % batches.size()));
      }
    }
    return losses;
  }

  static String describe(double[] expected, double[] losses) {
    int worst = 0;
    for (int i = 0; i < losses.length; i++) {
      if (difference(expected[i], losses[i]) > difference(expected[worst], losses[worst])) {
        worst = i;
      }
    }
    return String.format(
        Locale.ROOT,
        "first loss %.6f (CPU %.6f), mean of the last tenth %.6f (CPU %.6f),"
            + " largest relative difference %.2e, at step %d",
        losses[0],
        expected[0],
        end(losses),
        end(expected),
        difference(expected[worst], losses[worst]),
        worst);
  }

  static List<String> faults(
      String curve, Precision precision, double[] expected, double[] losses) {
    List<String> faults = new ArrayList<>();
    double first = difference(expected[0], losses[0]);
    if (!(first <= tolerance(precision))) {
      faults.add(curve + ": the first loss differs by " + first);
    }
    double end = difference(end(expected), end(losses));
    if (!(end <= TOLERANCE_OF_THE_END)) {
      faults.add(curve + ": the mean of the last tenth of the losses differs by " + end);
    }
    return faults;
  }

  private static double tolerance(Precision precision) {
    return switch (precision) {
      case AUTO, BF16, INT8 -> 2e-2;
      case F32 -> 1e-5;
      case TF32, F16 -> 2e-3;
    };
  }

  /** NaN is as far away as can be. */
  private static double difference(double expected, double loss) {
    double difference = Math.abs(loss - expected) / Math.abs(expected);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private static double end(double[] losses) {
    int n = Math.max(1, losses.length / 10);
    double sum = 0;
    for (int i = losses.length - n; i < losses.length; i++) {
      sum += losses[i];
    }
    return sum / n;
  }

  static String csv(Map<String, double[]> curves) {
    StringBuilder csv = new StringBuilder("step," + String.join(",", curves.keySet()) + "\n");
    int steps = curves.values().iterator().next().length;
    for (int i = 0; i < steps; i++) {
      csv.append(i);
      for (double[] losses : curves.values()) {
        csv.append(',').append((float) losses[i]);
      }
      csv.append('\n');
    }
    return csv.toString();
  }
}
