package io.github.glia.unet;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains a tiny U-Net for 10,000 steps, and fails where its memory grows. */
final class ManySteps {
  static final int STEPS = 10_000;
  private static final int WARM = 2_000;
  private static final int OFTEN = 500;
  private static final long NATIVE_NOISE = 4L << 20;
  private static final Path STATUS = Path.of("/proc/self/status");

  private ManySteps() {}

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args[0]);
    UNet.Config config = new UNet.Config(3, 1, 4, 2, Norm.BATCH, UNet.Up.TRANSPOSED);
    try (Layer network = new UNet(config);
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      Tensor x = Tensor.zeros(device, DType.F32, Shape.of(2, 8, 8, 3));
      Tensor truth = Tensor.zeros(device, DType.F32, Shape.of(2, 8, 8, 1));
      try (Optimizer optimizer = Optimizer.adam(network)) {
        train(device.memory(), network, optimizer, x, truth);
      }
    }
    requireSame("live bytes at the end", 0, device.memory().liveBytes());
    System.out.println("flat for " + STEPS + " steps on " + device);
  }

  private static void train(
      Memory memory, Layer network, Optimizer optimizer, Tensor x, Tensor truth)
      throws IOException {
    Objective objective = new Objective(new BceDice(1));
    optimizer.state().forEach((name, made) -> made.requireOpen()); // it is made when asked for
    long live = memory.liveBytes();
    long reserved = 0;
    long resident = 0;
    for (int i = 0; i < STEPS; i++) {
      try (Scope step = Scope.open()) {
        Tape tape = Tape.training(1, i);
        Tensor loss = objective.forward(tape, network.forward(tape, x), truth);
        tape.backward(loss);
        optimizer.step(1e-4f);
      }
      requireSame("live bytes after step " + i, live, memory.liveBytes());
      if (i == 1) {
        reserved = memory.reservedBytes();
      } else if (i > 1) {
        requireSame("reserved bytes after step " + i, reserved, memory.reservedBytes());
      }
      if (i == WARM) {
        resident = residentBytes();
      }
      if (i % OFTEN == 0) {
        System.out.printf("step %d: %d KiB resident%n", i, residentBytes() >> 10);
      }
    }
    long grown = residentBytes() - resident;
    if (grown > NATIVE_NOISE) {
      throw new AssertionError("resident memory grew by " + grown + " bytes after step " + WARM);
    }
  }

  private static void requireSame(String what, long expected, long actual) {
    if (expected != actual) {
      throw new AssertionError(what + ": expected " + expected + ", were " + actual);
    }
  }

  /** 0 where the system does not tell. */
  private static long residentBytes() throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
        .sum();
  }
}
