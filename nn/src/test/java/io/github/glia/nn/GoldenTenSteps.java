package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Ten training steps of a small U-Net against the losses that PyTorch had. */
record GoldenTenSteps(WeightFile file, Device device) {
  private static final double FIRST_LOSS_TOLERANCE = 1e-6;

  /** Ten steps amplify rounding: PyTorch in F32 is within 1e-4 of itself in F64. */
  private static final double LOSS_TOLERANCE = 2e-4;

  private static final double OUTPUT_TOLERANCE = 1e-4;

  void check() throws IOException {
    List<?> losses = (List<?>) Json.parse(file.metadata().get("losses"));
    WeightFile.Array x = file.read("x");
    WeightFile.Array t = file.read("t");
    try (Layer network = new Net(file)) {
      network.initialize(device, 0);
      load(network, "start.");
      Objective objective = new Objective(new BceDice(1));
      try (Optimizer optimizer = Optimizer.adam(network)) {
        for (int step = 0; step < losses.size(); step++) {
          try (Scope scope = Scope.open()) {
            Tape tape = Tape.training(0, step);
            Tensor loss =
                objective.forward(tape, network.forward(tape, batch(x, step)), batch(t, step));
            assertEquals(
                (Double) losses.get(step),
                loss.item(),
                step == 0 ? FIRST_LOSS_TOLERANCE : LOSS_TOLERANCE,
                "loss of step " + step);
            tape.backward(loss);
            optimizer.step(1e-3f);
          }
        }
      }
      load(network, "end.");
      try (Scope scope = Scope.open()) {
        float[] y = Weights.toFile(network.predict(batch(x, 0))).values();
        float[] expected = file.read("y_after").values();
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], y[i], OUTPUT_TOLERANCE, "logit " + i);
        }
      }
    }
  }

  private void load(Layer network, String prefix) throws IOException {
    for (var entry : network.state().entrySet()) {
      entry.getValue().value().copyFrom(Weights.fromFile(file.read(prefix + entry.getKey())));
    }
  }

  /** One batch of {@code [steps, batch, channels, height, width]}. */
  private Tensor batch(WeightFile.Array all, int step) {
    int[] shape = Arrays.copyOfRange(all.shape(), 1, 5);
    int n = all.values().length / all.shape()[0];
    WeightFile.Array one =
        new WeightFile.Array(shape, Arrays.copyOfRange(all.values(), step * n, (step + 1) * n));
    Shape inMemory = Weights.shapeInMemory(shape);
    return Tensor.of(device, inMemory, Weights.fromFile(one));
  }

  /** The network of the file, as wide as its weights say. */
  private static final class Net extends Layer {
    private final Layer enc1;
    private final Layer enc2;
    private final Layer mid;
    private final Layer up2;
    private final Layer dec2;
    private final Layer up1;
    private final Layer dec1;
    private final Layer head;
    private final Layer pool = new MaxPool2d(2);

    Net(WeightFile file) {
      int[] first = file.shape("start.enc1.conv1.weight");
      int in = first[1];
      int f = first[0];
      boolean bias = file.has("start.enc1.conv1.bias");
      enc1 = add("enc1", new TorchBlock(in, f, bias));
      enc2 = add("enc2", new TorchBlock(f, 2 * f, bias));
      mid = add("mid", new TorchBlock(2 * f, 4 * f, bias));
      up2 = add("up2", new ConvTranspose2d(4 * f, 2 * f, 2, 2));
      dec2 = add("dec2", new TorchBlock(4 * f, 2 * f, bias));
      up1 = add("up1", new ConvTranspose2d(2 * f, f, 2, 2));
      dec1 = add("dec1", new TorchBlock(2 * f, f, bias));
      head = add("head", new Conv2d(f, file.shape("start.head.weight")[0], 1));
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      Tensor e1 = enc1.forward(tape, x);
      Tensor e2 = enc2.forward(tape, pool.forward(tape, e1));
      Tensor m = mid.forward(tape, pool.forward(tape, e2));
      Tensor d2 = dec2.forward(tape, Concat.forward(tape, up2.forward(tape, m), e2));
      Tensor d1 = dec1.forward(tape, Concat.forward(tape, up1.forward(tape, d2), e1));
      return head.forward(tape, d1);
    }
  }
}
