package io.github.glia.benchmarks.gpu;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Cast;
import io.github.glia.nn.GradientStep;
import io.github.glia.nn.Norm;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Parameter;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import io.github.glia.unet.train.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A U-Net that learns to find discs, step by step: the same weights at the start and the same
 * images wherever it runs.
 */
final class Course implements AutoCloseable {
  private static final long SEED = 1;
  private static final float LEARNING_RATE = 3e-4f;

  /** What a loss is multiplied by in F16, so that small gradients do not become 0. */
  private static final float F16_MULTIPLE = 1024;

  private final Device device;
  private final DType type;
  private final boolean recorded;
  private final UNet network;
  private final Optimizer optimizer;
  private final GradientStep gradients;
  private final Objective objective = new Objective(new BceDice(1));
  private final float multiple;
  private long steps;
  private boolean inStep;

  /**
   * Begins anew.
   *
   * @param recorded whether steps are recorded where the device can, as training does
   */
  Course(Device device, String network, Precision precision, boolean recorded) {
    this.device = device;
    this.recorded = recorded;
    type = precision.ready(device);
    multiple = type == DType.F16 ? F16_MULTIPLE : 1;
    this.network = new UNet(config(network));
    this.network.initialize(device, SEED);
    optimizer = Optimizer.adam(this.network);
    gradients = new GradientStep(this.network, this::loss);
  }

  /** A preset, or {@code tiny}, for trying whether something works at all. */
  static UNet.Config config(String network) {
    return network.equals("tiny")
        ? new UNet.Config(Images.CHANNELS, 1, 4, 2, Norm.BATCH, UNet.Up.TRANSPOSED)
        : UNet.Config.preset(network);
  }

  static Precision precision(String name) {
    return Precision.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Learns from these images, and returns the loss before it did. */
  float step(Images images) {
    float loss;
    try (Scope scope = Scope.open()) {
      Shape shape = Shape.of(images.count, images.size, images.size, Images.CHANNELS);
      Tensor x = Tensor.of(device, shape, images.pixels);
      Tensor truth = Tensor.of(device, shape.with(-1, 1), images.truth);
      inStep = true;
      if (recorded) {
        loss = gradients.run(SEED, steps, multiple, x, truth);
      } else {
        Tape tape = Tape.training(SEED, steps);
        Tensor value = loss(tape, List.of(x, truth));
        tape.backward(value, multiple);
        loss = value.item();
      }
    }
    optimizer.step(LEARNING_RATE, 1 / multiple);
    inStep = false;
    steps++;
    return loss;
  }

  /** Whether a step began, with its images on the device, and did not end. */
  boolean isInStep() {
    return inStep;
  }

  private Tensor loss(Tape tape, List<Tensor> inputs) {
    Tensor logits = network.forward(tape, Cast.forward(tape, inputs.get(0), type));
    return objective.forward(tape, logits, inputs.get(1));
  }

  /** After a step that failed: what it left is forgotten. */
  void forgetGradients() {
    network.trained().values().forEach(Parameter::clearGradient);
  }

  /** Whether a device that can record steps does record these. */
  String recording() {
    if (!recorded || !Backend.of(device).records()) {
      return "plain";
    }
    String whyNot = gradients.whyNotRecorded();
    return whyNot == null ? "recorded" : "not recorded: " + whyNot;
  }

  /** All weights and statistics by their names. */
  Map<String, float[]> state() {
    Map<String, float[]> state = new LinkedHashMap<>();
    network.state().forEach((name, parameter) -> state.put(name, parameter.value().toFloats()));
    return state;
  }

  @Override
  public void close() {
    optimizer.close();
    gradients.close();
    network.close();
  }
}
