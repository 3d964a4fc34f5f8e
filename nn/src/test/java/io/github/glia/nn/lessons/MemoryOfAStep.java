package io.github.glia.nn.lessons;

import io.github.glia.nn.Activate;
import io.github.glia.nn.BatchNorm2d;
import io.github.glia.nn.Conv2d;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Sequential;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Memory;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** What backward needs is kept until it has run, and nothing else. */
public final class MemoryOfAStep {
  /** 256 KiB, as each output of the network. */
  private static final Shape IMAGES = Shape.of(1, 64, 64, 16);

  private final Device device = Device.cpu();
  private final Memory memory = device.memory();
  private final Layer network =
      new Sequential(
          Conv2d.builder(16, 16, 3).withoutBias().build(),
          new BatchNorm2d(16),
          Activate.relu(),
          Conv2d.builder(16, 16, 3).withoutBias().build(),
          Activate.sigmoid());

  private MemoryOfAStep() {}

  public static void main(String[] args) {
    new MemoryOfAStep().run();
  }

  private void run() {
    network.initialize(device, 1);
    try (network) {
      step(0);
      System.out.println("training");
      step(1);
      System.out.println("predicting");
      predict(Tape.inference());
      System.out.println("predicting with a tape for training");
      predict(Tape.training(1, 2));
      System.out.println("three steps in one scope");
      try (Scope scope = Scope.open()) {
        for (int i = 0; i < 3; i++) {
          Tensor x = Tensor.zeros(device, DType.F32, IMAGES);
          network.predict(x);
          print("  after step " + (i + 1), live());
        }
      }
      System.out.println("three steps, a scope each");
      for (int i = 0; i < 3; i++) {
        try (Scope scope = Scope.open()) {
          Tensor x = Tensor.zeros(device, DType.F32, IMAGES);
          network.predict(x);
        }
        print("  after step " + (i + 1), live());
      }
    }
  }

  /** The first makes the gradients of the parameters, which stay: the second is like all others. */
  private void step(int number) {
    try (Scope scope = Scope.open()) {
      Tape tape = Tape.training(1, number);
      Tensor x = Tensor.zeros(device, DType.F32, IMAGES);
      long before = memory.liveBytes();
      memory.resetPeak();
      Tensor y = network.forward(tape, x);
      long afterForward = memory.liveBytes() - before;
      tape.backward(y, Tensor.zeros(device, DType.F32, y.shape()));
      network.trained().values().forEach(p -> p.clearGradient());
      if (number > 0) {
        print("  after forward", afterForward);
        print("  after backward", memory.liveBytes() - before);
        print("  at most", memory.peakBytes() - before);
      }
    }
  }

  private void predict(Tape tape) {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, DType.F32, IMAGES);
      long before = memory.liveBytes();
      memory.resetPeak();
      network.forward(tape, x);
      print("  after forward", memory.liveBytes() - before);
      print("  at most", memory.peakBytes() - before);
    }
  }

  private long live() {
    return memory.liveBytes();
  }

  /** In tensors of 256 KiB; weights and statistics are small. */
  private static void print(String what, long bytes) {
    System.out.printf("%-18s %d%n", what, Math.round(bytes / (double) (IMAGES.count() * 4)));
  }
}
