package io.github.glia.benchmarks.gpu;

import io.github.glia.tensor.Device;
import io.github.glia.tensor.Memory;

/**
 * Trains for many steps, and fails where memory of the device grows.
 *
 * <pre>
 *   SteadyMemory DEVICE NETWORK BATCH SIZE STEPS PRECISION
 * </pre>
 */
public final class SteadyMemory {
  /** Until then plans are made, the optimizer's state, and the recording. */
  private static final int WARM = 10;

  private SteadyMemory() {}

  public static void main(String[] args) {
    Device device = Device.named(args[0]);
    Memory memory = device.memory();
    Images images = Images.of(Integer.parseInt(args[2]), Integer.parseInt(args[3]), 0);
    int steps = Integer.parseInt(args[4]);
    if (steps <= WARM) {
      throw new IllegalArgumentException(steps + " steps tell nothing: give more than " + WARM);
    }
    try (Course course = new Course(device, args[1], Course.precision(args[5]), true)) {
      long live = 0;
      long reserved = 0;
      for (int i = 0; i < steps; i++) {
        course.step(images);
        if (i == WARM) {
          live = memory.liveBytes();
          reserved = memory.reservedBytes();
        } else if (i > WARM) {
          requireSame("live bytes after step " + i, live, memory.liveBytes());
          requireSame("reserved bytes after step " + i, reserved, memory.reservedBytes());
        }
      }
      System.out.printf(
          "flat from step %d to %d on %s, %s: %,d bytes live, %,d reserved%n",
          WARM, steps, device, course.recording(), live, reserved);
    }
    device.releaseCaches();
    requireSame("live bytes at the end", 0, memory.liveBytes());
    requireSame("reserved bytes at the end", 0, memory.reservedBytes());
  }

  private static void requireSame(String what, long expected, long actual) {
    if (expected != actual) {
      throw new AssertionError(what + ": expected " + expected + ", were " + actual);
    }
  }
}
