package io.github.glia.unet.train;

import io.github.glia.kernels.update.NormPlan;
import io.github.glia.nn.Cast;
import io.github.glia.nn.Checkpoint;
import io.github.glia.nn.GradientStep;
import io.github.glia.nn.MovingAverage;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Parameter;
import io.github.glia.nn.Tape;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import io.github.glia.unet.data.Batches.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A network and what changes it: the objective, the optimizer, the moving average. */
final class Learner implements AutoCloseable {
  private final UNet network;
  private final Objective objective;
  private final GradientStep gradients;
  private final Optimizer optimizer;

  /** Null unless one was asked for. */
  private final MovingAverage average;

  private final Device device;
  private final DType type;
  private final long seed;

  Learner(TrainOptions options, int channels, Device device) {
    this.device = device;
    device.deterministic(options.run().deterministic());
    type = options.run().precision().ready(device);
    seed = options.run().seed();
    network = new UNet(options.network(channels));
    network.initialize(device, seed);
    objective = new Objective(options.learning().loss().loss());
    gradients = new GradientStep(network, this::loss);
    optimizer = OptimizerName.make(options.optimizer(), network);
    double decay = options.learning().ema();
    average = decay > 0 ? new MovingAverage(network, (float) decay) : null;
  }

  Objective objective() {
    return objective;
  }

  DType type() {
    return type;
  }

  UNet network() {
    return network;
  }

  /** What the loss is to be multiplied by. */
  float lossScale(LossScale.State state) {
    return type == DType.F16 ? state.scale() : 1;
  }

  /**
   * Adds the gradients of a batch to those that are there.
   *
   * @param number of the batch since the beginning of the run
   * @param multiple of the loss whose gradients they are
   * @return the loss
   */
  double addGradients(Batch batch, long number, float multiple) {
    try (Scope scope = Scope.open()) {
      Shape images = Shape.of(batch.count(), batch.height(), batch.width(), batch.channels());
      Tensor truth = Tensor.empty(device, DType.U8, images.with(-1, 1));
      truth.copyFromBytes(batch.masks());
      return gradients.run(
          seed, number, multiple, Tensor.of(device, images, batch.images()), truth);
    }
  }

  private Tensor loss(Tape tape, List<Tensor> imagesAndTruth) {
    Tensor logits = network.forward(tape, Cast.forward(tape, imagesAndTruth.get(0), type));
    return objective.forward(tape, logits, imagesAndTruth.get(1));
  }

  /** Why this device, which could record steps and replay them, does not record these. */
  Optional<String> whyNotRecorded() {
    return Optional.ofNullable(gradients.whyNotRecorded());
  }

  /**
   * Changes the network by the gradients, and forgets them.
   *
   * @param scale what the loss was multiplied by
   * @param stepsBefore of the run
   * @return false if they overflowed in half precision, and the network is as it was
   */
  boolean step(float learningRate, float scale, long stepsBefore) {
    if (type == DType.F16 && !Double.isFinite(gradientNorm())) {
      forgetGradients();
      return false;
    }
    optimizer.step(learningRate, 1 / scale);
    if (average != null) {
      average.update(stepsBefore);
    }
    return true;
  }

  private double gradientNorm() {
    List<Tensor> gradients =
        network.trained().values().stream()
            .filter(Parameter::hasGradient)
            .map(Parameter::gradient)
            .toList();
    return NormPlan.on(device, new NormPlan.Key()).norm(gradients);
  }

  void forgetGradients() {
    network.trained().values().forEach(Parameter::clearGradient);
  }

  /** Does something with the weights that predict best: their moving average if there is one. */
  <R> R withBestWeights(Supplier<R> what) {
    if (average == null) {
      return what.get();
    }
    average.swap();
    try {
      return what.get();
    } finally {
      average.swap();
    }
  }

  /** All that changes in training, to be saved or restored together. */
  Checkpoint checkpoint() {
    return new Checkpoint(network, optimizer, average);
  }

  /** Writes the weights that predict best, alone. */
  void writeModel(Path path, ModelInfo info) throws IOException {
    if (average != null) {
      average.swap();
    }
    try {
      Weights.save(network, path, info.toMetadata());
    } finally {
      if (average != null) {
        average.swap();
      }
    }
  }

  @Override
  public void close() {
    if (average != null) {
      average.close();
    }
    optimizer.close();
    gradients.close();
    network.close();
  }
}
