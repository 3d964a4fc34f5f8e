package io.github.glia.nn.docs;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Conv2d;
import io.github.glia.nn.ConvNormRelu;
import io.github.glia.nn.ConvTranspose2d;
import io.github.glia.nn.Layer;
import io.github.glia.nn.MaxPool2d;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Sequential;
import io.github.glia.nn.Tape;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;

final class FirstNetwork {
  static final Shape BATCH = Shape.of(4, 32, 32, 1);

  static Layer network() {
    return new Sequential(
        new ConvNormRelu(1, 8, 3, Norm.BATCH),
        new MaxPool2d(2),
        new ConvNormRelu(8, 16, 3, Norm.BATCH),
        new ConvTranspose2d(16, 8, 2, 2),
        new ConvNormRelu(8, 8, 3, Norm.BATCH),
        new Conv2d(8, 1, 1));
  }

  static void train(Device device, int steps, Path file) throws IOException {
    Layer network = network();
    network.initialize(device, 1);
    Objective objective = new Objective(new BceDice(1));
    try (network;
        Optimizer optimizer = Optimizer.adam(network)) {
      for (int step = 0; step < steps; step++) {
        BrightSquares data = new BrightSquares(BATCH, step);
        try (Scope scope = Scope.open()) {
          Tensor x = Tensor.of(device, BATCH, data.images());
          Tensor truth = Tensor.of(device, BATCH, data.truths());
          Tape tape = Tape.training(1, step);
          Tensor loss = objective.forward(tape, network.forward(tape, x), truth);
          tape.backward(loss);
          optimizer.step(1e-2f);
        }
      }
      Weights.save(network, file);
    }
  }

  static float[] predict(Device device, Path file, float[] images) throws IOException {
    Layer network = network();
    network.initialize(device, 0);
    try (network;
        Scope scope = Scope.open()) {
      Weights.load(network, file);
      return network.predict(Tensor.of(device, BATCH, images)).toFloats();
    }
  }
}
