package io.github.glia.benchmarks.gpu;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Cast;
import io.github.glia.nn.GradientStep;
import io.github.glia.nn.InferenceStep;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import java.util.List;

/**
 * A step of a U-Net in two forms: as a program runs it, which waits for what the GPU has computed,
 * and as work alone, which is asked for and not waited for.
 *
 * <p>The program that trains reads the loss before it asks for the update, and so waits for forward
 * and backward; the program that predicts waits for the end. Images and truth are on the device.
 */
final class StepWork implements AutoCloseable {
  private static final long SEED = 1;
  private static final float LEARNING_RATE = 1e-4f;

  /** Until plans are made, and the step is recorded. */
  private static final int WARM_UP = 4;

  /**
   * What a step is of.
   *
   * @param recorded whether it is replayed as a CUDA graph, but for the update of training
   */
  record Options(
      Device device,
      UNet.Config network,
      int batch,
      int size,
      DType type,
      boolean training,
      boolean recorded) {}

  private final Options options;
  private final UNet network;
  private final Optimizer optimizer;
  private final GradientStep gradients;
  private final InferenceStep inference;
  private final Objective objective = new Objective(new BceDice(1));
  private final Scope inputs = Scope.detached();
  private final Tensor x;
  private final Tensor truth;
  private long steps;

  StepWork(Options options) {
    this.options = options;
    Device device = options.device;
    network = new UNet(options.network);
    network.initialize(device, SEED);
    optimizer = options.training ? Optimizer.adam(network) : null;
    gradients = new GradientStep(network, this::loss);
    inference = new InferenceStep(network, (tape, batch) -> forward(tape, batch.get(0)));
    Images images = Images.of(options.batch, options.size, 0);
    Shape shape = Shape.of(images.count, images.size, images.size, Images.CHANNELS);
    try (Scope scope = Scope.open()) {
      x = inputs.adopt(Tensor.of(device, shape, images.pixels));
      truth = inputs.adopt(Tensor.of(device, shape.with(-1, 1), images.truth));
    }
    for (int i = 0; i < WARM_UP; i++) {
      run();
    }
    if (options.recorded) {
      requireRecorded();
    }
  }

  private void requireRecorded() {
    String whyNot = options.training ? gradients.whyNotRecorded() : inference.whyNotRecorded();
    if (whyNot != null) {
      throw new IllegalStateException("the step is not recorded: " + whyNot);
    }
  }

  /** As a program does it. */
  void run() {
    if (options.training) {
      try (Scope scope = Scope.open()) {
        startGradients().item();
      }
      optimizer.step(LEARNING_RATE);
    } else {
      enqueue();
      options.device.synchronize();
    }
  }

  /** The work alone. */
  void enqueue() {
    if (options.training) {
      try (Scope scope = Scope.open()) {
        startGradients();
      }
      optimizer.step(LEARNING_RATE);
    } else {
      predict();
    }
  }

  /** Asks for forward and backward; returns the loss. */
  private Tensor startGradients() {
    if (options.recorded) {
      return gradients.start(SEED, steps++, 1, x, truth);
    }
    Tape tape = Tape.training(SEED, steps++);
    Tensor loss = loss(tape, List.of(x, truth));
    tape.backward(loss);
    return loss;
  }

  private Tensor loss(Tape tape, List<Tensor> batch) {
    return objective.forward(tape, forward(tape, batch.get(0)), batch.get(1));
  }

  private void predict() {
    try (Scope scope = Scope.open()) {
      if (options.recorded) {
        inference.predict(x);
      } else {
        forward(Tape.inference(), x);
      }
    }
  }

  private Tensor forward(Tape tape, Tensor images) {
    return network.forward(tape, Cast.forward(tape, images, options.type));
  }

  @Override
  public void close() {
    inputs.close();
    if (optimizer != null) {
      optimizer.close();
    }
    gradients.close();
    inference.close();
    network.close();
  }
}
