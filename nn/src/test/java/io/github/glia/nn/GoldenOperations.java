package io.github.glia.nn;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.kernels.loss.CrossEntropy;
import io.github.glia.kernels.loss.Dice;
import io.github.glia.kernels.loss.Focal;
import io.github.glia.kernels.loss.Jaccard;
import io.github.glia.kernels.loss.Loss;
import io.github.glia.kernels.loss.Tversky;
import io.github.glia.kernels.update.Adam;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.kernels.upsample.Interpolation;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** How each file of goldens is run through a layer, forward and backward. */
final class GoldenOperations {
  /** Runs a case and compares. */
  interface Check {
    void run(GoldenCase c);
  }

  private static final Map<String, Check> BY_NAME =
      Map.ofEntries(
          Map.entry("conv2d", layer(GoldenOperations::conv2d, "w", "b")),
          Map.entry("conv_transpose2d", layer(GoldenOperations::convTranspose2d, "w", "b")),
          Map.entry("linear", layer(GoldenOperations::linear, "w", "b")),
          Map.entry("max_pool2d", layer(c -> new MaxPool2d(window(c)))),
          Map.entry(
              "avg_pool2d", layer(c -> new AvgPool2d(window(c), c.flag("count_include_pad")))),
          Map.entry("global_avg_pool", layer(c -> new GlobalAvgPool())),
          Map.entry("batch_norm", GoldenOperations::batchNorm),
          Map.entry("group_norm", layer(GoldenOperations::groupNorm, "gamma", "beta")),
          Map.entry("instance_norm", layer(GoldenOperations::instanceNorm, "gamma", "beta")),
          Map.entry("relu", layer(c -> Activate.relu())),
          Map.entry("leaky_relu", layer(c -> Activate.leakyRelu(c.number("slope", 0.01)))),
          Map.entry("sigmoid", layer(c -> Activate.sigmoid())),
          Map.entry("softmax_channels", layer(c -> new Softmax())),
          Map.entry("upsample_nearest", layer(c -> upsample(c, Interpolation.NEAREST))),
          Map.entry("upsample_bilinear", layer(c -> upsample(c, Interpolation.BILINEAR))),
          Map.entry("concat", GoldenOperations::concat),
          Map.entry("loss_dice", loss(c -> new Dice(c.number("smooth", 1)))),
          Map.entry("loss_bce", loss(c -> new Bce())),
          Map.entry("loss_bce_dice", loss(c -> new BceDice(c.number("smooth", 1)))),
          Map.entry(
              "loss_tversky",
              loss(
                  c ->
                      new Tversky(
                          c.number("alpha", 0.3), c.number("beta", 0.7), c.number("smooth", 1)))),
          Map.entry("loss_focal", loss(c -> new Focal(c.number("gamma", 2)))),
          Map.entry("loss_jaccard", loss(c -> new Jaccard(c.number("smooth", 1)))),
          Map.entry("loss_cross_entropy", loss(c -> new CrossEntropy())),
          Map.entry("optimizers", GoldenOperations::optimizer));

  private GoldenOperations() {}

  static Check named(String operation) {
    Check check = BY_NAME.get(operation);
    if (check == null) {
      throw new IllegalArgumentException(
          "goldens of an unknown operation: " + operation + "; known are " + BY_NAME.keySet());
    }
    return check;
  }

  /**
   * A layer of one input; its parameters are set from, and their gradients compared with, names.
   */
  private static Check layer(Function<GoldenCase, Layer> make, String... parameters) {
    return c -> {
      try (Layer layer = make.apply(c)) {
        layer.initialize(c.device(), 0);
        List<Parameter> own = List.copyOf(layer.state().values());
        for (int i = 0; i < own.size(); i++) {
          c.set(own.get(i), parameters[i]);
        }
        Tape tape = Tape.training(0, 0);
        Tensor x = c.tensor("x");
        tape.watch(x);
        Tensor y = layer.forward(tape, x);
        c.compare("y", y);
        tape.backward(y, c.tensor("dy"));
        c.compare("d_x", tape.gradient(x));
        for (int i = 0; i < own.size(); i++) {
          c.compare("d_" + parameters[i], own.get(i).gradient());
        }
        // Inference takes other paths: packed weights, pooling without indices.
        c.compare("y", layer.predict(x));
      }
    };
  }

  private static Layer conv2d(GoldenCase c) {
    int[] w = c.array("w").shape();
    int[] stride = c.pair("stride");
    int[] padding = c.pair("padding");
    int[] dilation = c.pair("dilation");
    int groups = (int) c.number("groups", 1);
    Conv2d.Builder builder =
        Conv2d.builder(w[1] * groups, w[0], 1)
            .kernel(w[2], w[3])
            .stride(stride[0], stride[1])
            .padding(padding[0], padding[1])
            .dilation(dilation[0], dilation[1])
            .groups(groups);
    return (c.has("b") ? builder : builder.withoutBias()).build();
  }

  private static Layer convTranspose2d(GoldenCase c) {
    int[] w = c.array("w").shape();
    int[] stride = c.pair("stride");
    int[] padding = c.pair("padding");
    ConvTranspose2d.Builder builder =
        ConvTranspose2d.builder(w[0], w[1], 1)
            .kernel(w[2], w[3])
            .stride(stride[0], stride[1])
            .padding(padding[0], padding[1]);
    return (c.has("b") ? builder : builder.withoutBias()).build();
  }

  private static Layer linear(GoldenCase c) {
    int[] w = c.array("w").shape();
    return new Linear(w[1], w[0]);
  }

  private static Layer groupNorm(GoldenCase c) {
    return new GroupNorm(
        (int) c.number("groups", 1), c.array("gamma").shape()[0], c.number("eps", 1e-5));
  }

  private static Layer instanceNorm(GoldenCase c) {
    int channels = c.array("gamma").shape()[0];
    return new GroupNorm(channels, channels, c.number("eps", 1e-5));
  }

  private static Layer upsample(GoldenCase c, Interpolation interpolation) {
    int[] scale = c.pair("scale");
    return new Upsample(scale[0], scale[1], interpolation);
  }

  private static Window window(GoldenCase c) {
    int[] kernel = c.pair("kernel");
    int[] stride = c.pair("stride");
    int[] padding = c.pair("padding");
    return new Window(kernel[0], kernel[1], stride[0], stride[1], padding[0], padding[1]);
  }

  private static void batchNorm(GoldenCase c) {
    int channels = c.array("gamma").shape()[0];
    boolean train = c.flag("train");
    try (BatchNorm2d layer =
        new BatchNorm2d(
            channels, c.number("eps", 1e-5), c.number("momentum", 0.1), c.flag("relu"))) {
      layer.initialize(c.device(), 0);
      layer.freezeStatistics(!train);
      c.set(layer.gamma(), "gamma");
      c.set(layer.beta(), "beta");
      c.set(layer.mean(), "mean");
      c.set(layer.variance(), "var");
      Tape tape = Tape.training(0, 0);
      Tensor x = c.tensor("x");
      tape.watch(x);
      Tensor y = layer.forward(tape, x);
      c.compare("y", y);
      tape.backward(y, c.tensor("dy"));
      c.compare("d_x", tape.gradient(x));
      c.compare("d_gamma", layer.gamma().gradient());
      c.compare("d_beta", layer.beta().gradient());
      c.compare("new_mean", layer.mean().value());
      c.compare("new_var", layer.variance().value());
      if (!train) {
        c.compare("y", layer.predict(x));
      }
    }
  }

  private static void concat(GoldenCase c) {
    Tape tape = Tape.training(0, 0);
    Tensor a = c.tensor("a");
    Tensor b = c.tensor("b");
    tape.watch(a);
    tape.watch(b);
    Tensor y = Concat.forward(tape, a, b);
    c.compare("y", y);
    tape.backward(y, c.tensor("dy"));
    c.compare("d_a", tape.gradient(a));
    c.compare("d_b", tape.gradient(b));
  }

  private static Check loss(Function<GoldenCase, Loss> make) {
    return c -> {
      Tape tape = Tape.training(0, 0);
      Tensor x = c.tensor("x");
      tape.watch(x);
      Tensor y = new Objective(make.apply(c)).forward(tape, x, c.tensor("t"));
      c.compare("y", y);
      tape.backward(y, c.tensor("dy"));
      c.compare("d_x", tape.gradient(x));
    };
  }

  private static void optimizer(GoldenCase c) {
    WeightFile.Array g = c.array("g");
    int steps = g.shape()[0];
    int n = g.shape()[1];
    try (One network = new One(n)) {
      network.initialize(c.device(), 0);
      c.set(network.w, "w");
      try (Optimizer optimizer = optimizer(c, network)) {
        for (int step = 0; step < steps; step++) {
          try (Scope scope = Scope.open()) {
            Tensor gradient = network.w.newGradient();
            gradient.copyFrom(Arrays.copyOfRange(g.values(), step * n, (step + 1) * n));
            network.w.add(gradient);
            optimizer.step(c.number("lr", 0));
            c.compare(
                "w_after step " + step,
                Arrays.copyOfRange(c.array("w_after").values(), step * n, (step + 1) * n),
                network.w.value().toFloats());
          }
        }
      }
    }
  }

  private static Optimizer optimizer(GoldenCase c, Layer network) {
    float decay = c.number("weight_decay", 0);
    String name = (String) c.settings().get("optimizer");
    if (name.equals("sgd")) {
      return Optimizer.sgd(network, new Sgd(c.number("momentum", 0), c.flag("nesterov"), decay));
    }
    List<?> betas =
        c.settings().get("betas") instanceof List<?> given ? given : List.of(0.9, 0.999);
    Adam adam =
        new Adam(
            ((Double) betas.get(0)).floatValue(),
            ((Double) betas.get(1)).floatValue(),
            c.number("eps", 1e-8),
            c.settings().get("weight_decay") == null && name.equals("adamw") ? 0.01f : decay);
    return switch (name) {
      case "adam" -> Optimizer.adam(network, adam);
      case "adamw" -> Optimizer.adamW(network, adam);
      default -> throw new IllegalArgumentException("goldens of an unknown optimizer: " + name);
    };
  }

  /** A network that is one parameter. */
  private static final class One extends Layer {
    final Parameter w;

    One(int n) {
      w = learned("w", Shape.of(n), Initializer.constant(0));
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      return Tensor.zeros(x.device(), DType.F32, Shape.of(1));
    }
  }
}
