package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.OutOfDeviceMemoryException;
import io.github.glia.unet.train.Precision;

/**
 * Trains with larger and larger batches until memory runs out in the middle of a step, and then, in
 * the same process, with the same network, with the first batch again. Most of the device is filled
 * beforehand, so that this takes no time where there is much memory.
 *
 * <pre>
 *   OutOfMemory DEVICE NETWORK SIZE PRECISION MIB
 * </pre>
 *
 * MIB is what is left to train in.
 */
public final class OutOfMemory {
  /** So many that the steps are recorded where the device can: from the third on. */
  private static final int STEPS = 4;

  private static final int LARGEST_BATCH = 4096;

  private OutOfMemory() {}

  public static void main(String[] args) {
    Device device = Device.named(args[0]);
    if (device == Device.cpu()) {
      throw new IllegalArgumentException(
          "the CPU's memory is the machine's, which must not be filled: name a GPU");
    }
    long left = Long.parseLong(args[4]) << 20;
    try (Ballast ballast = Ballast.leaving(device, left)) {
      System.out.printf("%,d bytes are filled%n", ballast.bytes());
      exhaust(device, args[1], Course.precision(args[3]), Integer.parseInt(args[2]));
    }
    device.releaseCaches();
    if (device.memory().liveBytes() != 0) {
      throw new AssertionError("not all memory was given back: " + device.memory().report());
    }
  }

  private static void exhaust(Device device, String network, Precision precision, int size) {
    try (Course course = new Course(device, network, precision, true)) {
      train(course, 1, size);
      long live = device.memory().liveBytes();
      trainUntilItFails(course, size);
      course.forgetGradients();
      float loss = train(course, 1, size);
      long after = device.memory().liveBytes();
      System.out.printf(
          "a batch of 1 again: loss %s, %s, %,d bytes live, %,d before%n",
          loss, course.recording(), after, live);
      if (!Float.isFinite(loss)) {
        throw new AssertionError("the loss is " + loss + " after memory had run out");
      }
      if (after > live) {
        throw new AssertionError("memory was lost: " + device.memory().report());
      }
    }
  }

  private static void trainUntilItFails(Course course, int size) {
    for (int batch = 2; batch <= LARGEST_BATCH; batch *= 2) {
      try {
        train(course, batch, size);
        System.out.println("a batch of " + batch + " worked");
      } catch (OutOfDeviceMemoryException e) {
        System.out.println("a batch of " + batch + " did not: " + e.getMessage());
        if (!course.isInStep()) {
          throw new AssertionError("memory ran out before the step began", e);
        }
        return;
      }
    }
    throw new AssertionError("memory did not run out: leave less of it");
  }

  private static float train(Course course, int batch, int size) {
    Images images = Images.of(batch, size, 0);
    float loss = 0;
    for (int i = 0; i < STEPS; i++) {
      loss = course.step(images);
    }
    return loss;
  }
}
