package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The table of a network, its numbers checked by hand. */
final class SummaryTest extends DeviceTests {
  private static final Shape INPUT = Shape.of(1, 8, 8, 1);

  private static Layer network() {
    return new Sequential(
        new Conv2d(1, 4, 3),
        new MaxPool2d(2),
        new ConvNormRelu(4, 8, 3, Norm.BATCH),
        new ConvNormRelu(8, 8, 1, Norm.GROUP),
        new ConvTranspose2d(8, 4, 2, 2),
        new Linear(4, 2));
  }

  @TestFactory
  Stream<DynamicTest> countsParametersAndArithmetic() {
    return onEveryDevice(
        device -> {
          try (Layer network = network()) {
            network.initialize(device, 1);
            Summary summary = Summary.of(network, device, INPUT);
            assertEquals(
                List.of(
                    new Summary.Row(
                        "Conv2d 1→4 3×3", Shape.of(1, 8, 8, 4), 4 * 9 + 4, 2 * 64 * 4 * 9),
                    new Summary.Row("MaxPool2d 2×2", Shape.of(1, 4, 4, 4), 0, 0),
                    new Summary.Row(
                        "ConvNormRelu",
                        Shape.of(1, 4, 4, 8),
                        8 * 9 * 4 + 8 + 8,
                        2 * 16 * 8 * 9 * 4),
                    new Summary.Row("Conv2d 8→8 1×1", Shape.of(1, 4, 4, 8), 64, 2 * 16 * 64),
                    new Summary.Row("InstanceNorm 8", Shape.of(1, 4, 4, 8), 16, 0),
                    new Summary.Row("ReLU", Shape.of(1, 4, 4, 8), 0, 0),
                    new Summary.Row(
                        "ConvTranspose2d 8→4 2×2",
                        Shape.of(1, 8, 8, 4),
                        8 * 2 * 2 * 4 + 4,
                        2 * 16 * 8 * 2 * 2 * 4),
                    new Summary.Row("Linear 4→2", Shape.of(1, 8, 8, 2), 10, 2 * 64 * 8)),
                summary.rows());
            assertEquals(40 + 304 + 64 + 16 + 132 + 10, summary.parameters());
            assertEquals(4608 + 9216 + 2048 + 4096 + 1024, summary.flops());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> leavesNothingBehind() {
    return onEveryDevice(
        device -> {
          try (Layer network = network()) {
            network.initialize(device, 1);
            Summary.of(network, device, INPUT); // weights are packed and kept
            long before = device.memory().liveBytes();
            Summary.of(network, device, INPUT);
            assertEquals(before, device.memory().liveBytes());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> printsATableWithTotals() {
    return onEveryDevice(
        device -> {
          try (Layer network = new Sequential(new Conv2d(3, 64, 3), Activate.relu())) {
            network.initialize(device, 1);
            List<String> lines =
                Summary.of(network, device, Shape.of(1, 32, 32, 3)).toString().lines().toList();
            assertEquals(4, lines.size());
            assertTrue(lines.get(0).matches("layer +output +parameters +MFLOP"), lines.get(0));
            String conv = "Conv2d 3→64 3×3 +\\[1, 32, 32, 64] +1,792 +3.5";
            assertTrue(lines.get(1).matches(conv), lines.get(1));
            assertTrue(lines.get(2).matches("ReLU +\\[1, 32, 32, 64] +0 +0.0"), lines.get(2));
            assertTrue(lines.get(3).matches("total +1,792 +3.5"), lines.get(3));
          }
        });
  }

  /** A layer of layers with a parameter besides, which computes its part twice. */
  private static final class Twice extends Layer {
    private final Layer part = add("part", new Conv2d(1, 1, 1));

    Twice() {
      learned("temperature", Shape.of(3), Initializer.constant(1));
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      return part.forward(tape, part.forward(tape, x));
    }
  }

  @TestFactory
  Stream<DynamicTest> countsEachParameterOnce() {
    return onEveryDevice(
        device -> {
          try (Layer network = new Twice()) {
            network.initialize(device, 1);
            Summary summary = Summary.of(network, device, Shape.of(1, 2, 2, 1));
            assertEquals(3 + 2, summary.parameters());
            assertEquals(2 * 2 * 4, summary.flops());
            assertEquals(
                List.of(2L, 2L, 3L), summary.rows().stream().map(Summary.Row::parameters).toList());
            network.state().get("part.weight").freeze();
            assertEquals(4, Summary.of(network, device, Shape.of(1, 2, 2, 1)).parameters());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesBadInput() {
    return onEveryDevice(
        device -> {
          Layer relu = Activate.relu();
          refused("the network is null", () -> Summary.of(null, device, INPUT));
          refused("the device is null", () -> Summary.of(relu, null, INPUT));
          refused("the shape of the input is null", () -> Summary.of(relu, device, null));
          refused(
              IllegalStateException.class,
              "call initialize(device, seed)",
              () -> Summary.of(new Conv2d(1, 1, 1), device, INPUT));
        });
  }
}
