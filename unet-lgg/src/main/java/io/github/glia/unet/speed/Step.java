package io.github.glia.unet.speed;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Cast;
import io.github.glia.nn.GradientStep;
import io.github.glia.nn.InferenceStep;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Quantization;
import io.github.glia.nn.Summary;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import io.github.glia.unet.train.Precision;
import java.util.List;

/** A step of a U-Net on random images: training with BCE + Dice and Adam, or inference. */
public final class Step implements AutoCloseable {
  private static final float LEARNING_RATE = 1e-4f;

  private final Options options;
  private final DType type;
  private final UNet network;
  private final Optimizer optimizer;
  private final GradientStep gradients;
  private final InferenceStep inference;

  /** Null where layers compute in floating numbers. */
  private final Quantization quantization;

  private final Objective objective = new Objective(new BceDice(1));
  private final Scope inputs = Scope.detached();
  private final Tensor x;
  private final Tensor truth;
  private final long flops;
  private long steps;

  /**
   * What a step is of.
   *
   * @param size height and width of the images
   * @param precision that layers compute in
   */
  public record Options(
      Device device,
      UNet.Config network,
      int batch,
      int size,
      Precision precision,
      boolean training) {

    /** Readies the device for the precision; returns the type of its tensors. */
    DType ready() {
      return precision.ready(device);
    }
  }

  public Step(Options options) {
    this.options = options;
    type = options.ready();
    Shape images = Shape.of(options.batch, options.size, options.size, options.network.channels());
    network = new UNet(options.network);
    network.initialize(options.device, 1);
    optimizer = options.training ? Optimizer.adam(network) : null;
    gradients = new GradientStep(network, this::loss);
    inference = new InferenceStep(network, (tape, batch) -> forward(tape, batch.get(0)));
    try (Scope scope = Scope.open()) {
      x = inputs.adopt(Tensor.of(options.device, images, random(images, 0)));
      Shape masks = images.with(-1, options.network.classes());
      truth = inputs.adopt(Tensor.of(options.device, masks, mask(masks)));
    }
    quantization = type == DType.I8 ? Quantization.of(network, x) : null;
    flops = flops(Summary.of(network, options.device, images.with(0, 1)));
  }

  /**
   * Training computes each layer three times: the output, the gradient of its weights and, of all
   * but the first layer, that of its input.
   */
  private long flops(Summary ofOneImage) {
    long forward = ofOneImage.flops();
    long first = ofOneImage.rows().get(0).flops();
    return options.batch * (options.training ? 3 * forward - first : forward);
  }

  /** Runs it, and returns when it is done. */
  public void run() {
    if (options.training) {
      gradients.run(1, steps++, 1, x, truth);
      optimizer.step(LEARNING_RATE);
    } else {
      try (Scope scope = Scope.open()) {
        inference.predict(x);
      }
    }
    options.device.synchronize();
  }

  private Tensor forward(Tape tape, Tensor images) {
    if (quantization != null) {
      return quantization.predict(images);
    }
    return network.forward(tape, Cast.forward(tape, images, type));
  }

  private Tensor loss(Tape tape, List<Tensor> inputs) {
    return objective.forward(tape, forward(tape, inputs.get(0)), inputs.get(1));
  }

  public Options options() {
    return options;
  }

  /** Multiplications and additions of the convolutions of a step. */
  public long flops() {
    return flops;
  }

  @Override
  public void close() {
    inputs.close();
    if (optimizer != null) {
      optimizer.close();
    }
    gradients.close();
    inference.close();
    if (quantization != null) {
      quantization.close();
    }
    network.close();
  }

  private static float[] random(Shape shape, long stream) {
    Philox random = new Philox(1, stream);
    float[] values = new float[Math.toIntExact(shape.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  private static float[] mask(Shape shape) {
    float[] values = random(shape, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] < 0.1f ? 1 : 0;
    }
    return values;
  }
}
