package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Several threads on one device: operations take turns, and nobody sees another's numbers. */
final class ConcurrencyTest extends DeviceTests {
  private static final int TRAININGS = 8;
  private static final Shape IMAGES = Shape.of(2, 24, 20, 1);

  /** The losses of three steps of a network with a layer of each kind that shares a workspace. */
  private static float[] train(Device device) {
    float[] losses = new float[3];
    try (Scope all = Scope.open();
        Layer network =
            new Sequential(
                new ConvNormRelu(1, 16, 3, Norm.BATCH),
                new Dropout(0.3f),
                new ConvNormRelu(16, 16, 3, Norm.GROUP),
                new Upsample(2, Interpolation.BILINEAR),
                new MaxPool2d(2),
                new Conv2d(16, 1, 1))) {
      network.initialize(device, 1);
      Tensor x = random(device, 2, IMAGES.toArray());
      Tensor truth = Tensor.zeros(device, DType.F32, IMAGES);
      try (Optimizer adam = Optimizer.adam(network)) {
        for (int step = 0; step < losses.length; step++) {
          try (Scope scope = Scope.open()) {
            Tape tape = Tape.training(1, step);
            Tensor logits = network.forward(tape, x);
            Tensor loss = new Objective(new BceDice(1)).forward(tape, logits, truth);
            tape.backward(loss);
            adam.step(1e-2f);
            losses[step] = loss.item();
          }
        }
      }
    }
    return losses;
  }

  @TestFactory
  Stream<DynamicTest> trainingsOfSeveralThreadsDoNotMix() {
    return onEveryDevice(
        device -> {
          float[] alone = train(device);
          ExecutorService threads = Executors.newFixedThreadPool(4);
          try {
            List<Future<float[]>> results = new ArrayList<>();
            for (int i = 0; i < TRAININGS; i++) {
              results.add(threads.submit(() -> train(device)));
            }
            for (Future<float[]> result : results) {
              assertArrayEquals(alone, result.get());
            }
          } finally {
            threads.shutdownNow();
          }
        });
  }

  /** The threads of this pool also compute parts of operations, so an operation may be cut into. */
  @TestFactory
  Stream<DynamicTest> trainingsInTheCommonPoolDoNotMix() {
    return onEveryDevice(
        device -> {
          float[] alone = train(device);
          IntStream.range(0, TRAININGS)
              .parallel()
              .forEach(i -> assertArrayEquals(alone, train(device)));
        });
  }
}
