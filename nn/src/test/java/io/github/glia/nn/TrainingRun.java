package io.github.glia.nn;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * A small U-Net in training: finds the pixels above one half. Everything is a function of the seeds
 * and of the number of steps.
 */
final class TrainingRun implements AutoCloseable {
  private static final Shape IMAGES = Shape.of(3, 12, 10, 1);

  final Layer network;
  final Optimizer optimizer;
  final MovingAverage average;
  private final Device device;

  TrainingRun(Device device, Norm norm, DType type, long seed, Function<Layer, Optimizer> how) {
    this.device = device;
    network = new SmallUNet(norm, type);
    network.initialize(device, seed);
    optimizer = how.apply(network);
    average = new MovingAverage(network, 0.9f);
  }

  /** The loss of each of some steps. */
  float[] losses(int steps) {
    float[] losses = new float[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = step();
    }
    return losses;
  }

  private float step() {
    try (Scope scope = Scope.open()) {
      float[] images = DeviceTests.gaussian(optimizer.steps(), IMAGES);
      float[] truths = new float[images.length];
      for (int i = 0; i < images.length; i++) {
        truths[i] = images[i] > 0.5f ? 1 : 0;
      }
      Tape tape = Tape.training(11, optimizer.steps());
      Tensor logits = network.forward(tape, Tensor.of(device, IMAGES, images));
      Tensor loss =
          new Objective(new BceDice(1)).forward(tape, logits, Tensor.of(device, IMAGES, truths));
      tape.backward(loss);
      optimizer.step(1e-2f);
      average.update();
      return loss.item();
    }
  }

  /** Every number that training changes, by name. */
  Map<String, float[]> everything() {
    Map<String, float[]> all = new LinkedHashMap<>();
    network.state().forEach((name, p) -> all.put("network " + name, p.value().toFloats()));
    optimizer.state().forEach((name, t) -> all.put("optimizer " + name, t.toFloats()));
    average.state().forEach((name, t) -> all.put("average " + name, t.toFloats()));
    all.put("steps", new float[] {optimizer.steps()});
    return all;
  }

  @Override
  public void close() {
    average.close();
    optimizer.close();
    network.close();
  }
}
