package io.github.glia.benchmarks;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Cast;
import io.github.glia.nn.GradientStep;
import io.github.glia.nn.InferenceStep;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Quantization;
import io.github.glia.nn.Tape;
import io.github.glia.nn.WeightFile;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.UNet;
import io.github.glia.unet.train.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Runs one step of a U-Net each time it is told to, so that another program can take turns with its
 * own: {@code benchmarks/peers/compare.py}.
 *
 * <pre>
 *   StepServer DEVICE lgg|classic|small f32|tf32|bf16|f16|int8 train|infer INPUTS WEIGHTS
 * </pre>
 *
 * INPUTS is a safetensors file with the images x and the truth t; WEIGHTS is written, the network's
 * first weights. Then each line on standard input is a request: {@code step} answers milliseconds
 * and loss, {@code memory} answers peak and reserved bytes.
 */
public final class StepServer implements AutoCloseable {
  private static final float LEARNING_RATE = 1e-4f;

  private final Layer network;
  private final GradientStep gradients;
  private final InferenceStep inference;

  /** Null where it predicts. */
  private final Optimizer optimizer;

  private final Objective objective = new Objective(new BceDice(1));
  private final DType type;
  private final Tensor x;
  private final Tensor truth;

  /** Null where layers compute in floating numbers. */
  private final Quantization quantization;

  private long steps;

  StepServer(Device device, Layer network, DType type, boolean train, WeightFile inputs)
      throws IOException {
    this.network = network;
    this.type = type;
    gradients = new GradientStep(network, this::loss);
    inference = new InferenceStep(network, (tape, batch) -> forward(tape, batch.get(0)));
    optimizer = train ? Optimizer.adam(network) : null;
    x = tensor(device, inputs.read("x"));
    truth = tensor(device, inputs.read("t"));
    quantization = type == DType.I8 ? Quantization.of(network, x) : null;
  }

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args[0]);
    UNet.Config config = config(args[1]);
    DType type = type(args[2], device);
    boolean train = args[3].equals("train");
    try (Layer network = new UNet(config);
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      Weights.save(network, Path.of(args[5]));
      WeightFile inputs = WeightFile.open(Path.of(args[4]));
      try (StepServer server = new StepServer(device, network, type, train, inputs)) {
        System.out.println("ready " + device.description());
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String request = requests.readLine(); request != null; request = requests.readLine()) {
          System.out.println(server.answer(request));
        }
      }
    }
  }

  static UNet.Config config(String name) {
    return switch (name) {
      case "lgg" -> UNet.Config.lgg();
      case "classic" -> UNet.Config.classic();
      case "small" -> UNet.Config.small();
      default -> throw new IllegalArgumentException("no network is called " + name);
    };
  }

  /** Readies the device to compute in that precision. */
  static DType type(String precision, Device device) {
    return Precision.valueOf(precision.toUpperCase(Locale.ROOT)).ready(device);
  }

  String answer(String request) {
    switch (request) {
      case "step" -> {
        return optimizer == null ? predict() : train();
      }
      case "memory" -> {
        var memory = x.device().memory();
        return memory.peakBytes() + " " + memory.reservedBytes();
      }
      default -> {
        return "unknown request " + request;
      }
    }
  }

  private String train() {
    long start = System.nanoTime();
    float loss = gradients.run(1, steps++, 1, x, truth);
    optimizer.step(LEARNING_RATE);
    x.device().synchronize();
    return milliseconds(start) + " " + loss;
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

  /**
   * The loss tells whether the prediction is right; it is no part of predicting, or of the time.
   */
  private String predict() {
    long start = System.nanoTime();
    try (Scope scope = Scope.open()) {
      Tensor logits = inference.predict(x);
      x.device().synchronize();
      double time = milliseconds(start);
      return time + " " + objective.forward(Tape.inference(), logits, truth).item();
    }
  }

  @Override
  public void close() {
    if (optimizer != null) {
      optimizer.close();
    }
    gradients.close();
    inference.close();
    if (quantization != null) {
      quantization.close();
    }
  }

  private static double milliseconds(long start) {
    return (System.nanoTime() - start) * 1e-6;
  }

  private static Tensor tensor(Device device, WeightFile.Array array) {
    return Tensor.of(device, Weights.shapeInMemory(array.shape()), Weights.fromFile(array));
  }
}
