package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Device;
import io.github.glia.unet.train.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains the same network three times where two runs have to give the same bits: with steps that
 * are recorded and replayed, the same again, and with plain ones. Every loss and every weight must
 * be the same to the last bit.
 *
 * <pre>
 *   SameBits DEVICE NETWORK BATCH SIZE STEPS PRECISION...
 * </pre>
 */
public final class SameBits {
  private SameBits() {}

  public static void main(String[] args) {
    Device device = Device.named(args[0]);
    device.deterministic(true);
    Images images = Images.of(Integer.parseInt(args[2]), Integer.parseInt(args[3]), 0);
    int steps = Integer.parseInt(args[4]);
    List<String> faults = new ArrayList<>();
    for (String name : List.of(args).subList(5, args.length)) {
      Precision precision = Course.precision(name);
      Map<String, float[]> first = train(device, args[1], precision, true, images, steps);
      Map<String, float[]> again = train(device, args[1], precision, true, images, steps);
      Map<String, float[]> plain = train(device, args[1], precision, false, images, steps);
      faults.addAll(differences(name + " twice", first, again));
      faults.addAll(differences(name + " recorded and plain", first, plain));
    }
    if (!faults.isEmpty()) {
      throw new AssertionError(String.join("; ", faults));
    }
    System.out.println("the same bits");
  }

  private static Map<String, float[]> train(
      Device device,
      String network,
      Precision precision,
      boolean recorded,
      Images images,
      int steps) {
    Map<String, float[]> bits = new LinkedHashMap<>();
    try (Course course = new Course(device, network, precision, recorded)) {
      float[] losses = new float[steps];
      for (int i = 0; i < steps; i++) {
        losses[i] = course.step(images);
      }
      bits.put("losses", losses);
      bits.putAll(course.state());
      String how = course.recording();
      System.out.printf(
          "%s %s, %s: the last loss is %s%n", device, precision, how, losses[steps - 1]);
      if (how.startsWith("not")) {
        throw new AssertionError(device + " can record steps, but these are " + how);
      }
    }
    return bits;
  }

  static List<String> differences(
      String what, Map<String, float[]> one, Map<String, float[]> other) {
    List<String> differences = new ArrayList<>();
    one.forEach(
        (name, values) -> {
          int at = Arrays.mismatch(values, other.get(name));
          if (at >= 0) {
            differences.add(
                String.format(
                    "%s: %s[%d] is %s and %s", what, name, at, values[at], other.get(name)[at]));
          }
        });
    return differences;
  }
}
