package io.github.glia.nn.docs;

import io.github.glia.kernels.update.Adam;
import io.github.glia.nn.Cast;
import io.github.glia.nn.Checkpoint;
import io.github.glia.nn.Conv2d;
import io.github.glia.nn.ConvNormRelu;
import io.github.glia.nn.Layer;
import io.github.glia.nn.MovingAverage;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Quantization;
import io.github.glia.nn.Schedule;
import io.github.glia.nn.Sequential;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What a training needs after the first: each method is a piece of docs/first-network.md. */
final class MoreTraining {
  private static final int STEPS = 100;

  private MoreTraining() {}

  /** Adds the gradients of one batch to those that the parameters hold. */
  static void backward(
      Layer network, Objective objective, Device device, int batch, float multiple) {
    BrightSquares data = new BrightSquares(FirstNetwork.BATCH, batch);
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, FirstNetwork.BATCH, data.images());
      Tensor truth = Tensor.of(device, FirstNetwork.BATCH, data.truths());
      Tape tape = Tape.training(1, batch);
      tape.backward(objective.forward(tape, network.forward(tape, x), truth), multiple);
    }
  }

  static void accumulate(Layer network, Objective objective, Optimizer optimizer, Device device) {
    for (int batch = 0; batch < 4; batch++) {
      backward(network, objective, device, batch, 1f / 4);
    }
    optimizer.step(1e-2f);
  }

  static Optimizer clipped(Layer network) {
    return Optimizer.adamW(network, new Adam(0.9, 0.999, 1e-8, 0.01)).clip(1);
  }

  static Schedule schedule() {
    return Schedule.cosine(1e-2f, STEPS, 1e-4f).withWarmUp(10);
  }

  static float[] averaged(Layer network, MovingAverage average, Tensor x) {
    average.swap();
    float[] logits = network.predict(x).toFloats();
    average.swap();
    return logits;
  }

  static void saveCheckpoint(Layer network, Optimizer optimizer, Path folder) throws IOException {
    Map<String, String> notes = Map.of("best dice", "0.87");
    new Checkpoint(network, optimizer).save(folder.resolve("checkpoint.safetensors"), notes);
  }

  static void loadCheckpoint(Layer network, Optimizer optimizer, Path folder) throws IOException {
    new Checkpoint(network, optimizer).restore(folder.resolve("checkpoint.safetensors"));
  }

  static Layer halfPrecisionNetwork() {
    return new Sequential(
        new ConvNormRelu(1, 8, 3, Norm.BATCH),
        new ConvNormRelu(8, 8, 3, Norm.BATCH),
        Conv2d.builder(8, 1, 1).outputType(DType.F32).build());
  }

  static Tensor halfPrecision(Tape tape, Layer network, Tensor x) {
    return network.forward(tape, Cast.forward(tape, x, DType.BF16));
  }

  static Tensor inBytes(Layer network, Tensor x, Tensor... examples) {
    try (Quantization bytes = Quantization.of(network, examples)) {
      return bytes.predict(x);
    }
  }
}
