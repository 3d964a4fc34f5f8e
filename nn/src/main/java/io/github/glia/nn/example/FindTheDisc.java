package io.github.glia.nn.example;

import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Layer;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Schedule;
import io.github.glia.nn.Tape;
import io.github.glia.nn.Weights;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains a small U-Net to find the disc, saves it, loads it, and lets it predict unseen images. */
public final class FindTheDisc {
  private static final int STEPS = 150;
  private static final int BATCH = 8;
  private static final Shape IMAGES = Shape.of(BATCH, DrawnShapes.SIZE, DrawnShapes.SIZE, 1);

  private FindTheDisc() {}

  public static void main(String[] args) throws IOException {
    Device device = Device.named(args.length > 0 ? args[0] : "auto");
    System.out.println(device + ": " + device.description());
    Path file = Files.createTempFile("find-the-disc", ".safetensors");
    try (Layer network = new TinyUNet()) {
      network.initialize(device, 1);
      train(network, device);
      Weights.save(network, file);
    }
    try (Layer network = new TinyUNet()) {
      network.initialize(device, 2);
      Weights.load(network, file);
      System.out.printf("Dice on unseen images: %.3f%n", dice(network, device));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void train(Layer network, Device device) {
    Objective objective = new Objective(new BceDice(1));
    Schedule schedule = Schedule.cosine(3e-3f, STEPS, 0).withWarmUp(10);
    try (Optimizer optimizer = Optimizer.adam(network)) {
      for (int step = 0; step < STEPS; step++) {
        DrawnShapes data = new DrawnShapes(BATCH, step);
        try (Scope scope = Scope.open()) {
          Tensor x = Tensor.of(device, IMAGES, data.images());
          Tensor truth = Tensor.of(device, IMAGES, data.truths());
          Tape tape = Tape.training(1, step);
          Tensor loss = objective.forward(tape, network.forward(tape, x), truth);
          tape.backward(loss);
          optimizer.step(schedule.rate(step));
          if (step % 15 == 0 || step == STEPS - 1) {
            System.out.printf("step %3d of %d: loss %.4f%n", step + 1, STEPS, loss.item());
          }
        }
      }
    }
  }

  private static double dice(Layer network, Device device) {
    DrawnShapes unseen = new DrawnShapes(BATCH, 1_000_000);
    try (Scope scope = Scope.open()) {
      float[] logits = network.predict(Tensor.of(device, IMAGES, unseen.images())).toFloats();
      double both = 0;
      double either = 0;
      for (int i = 0; i < logits.length; i++) {
        double predicted = logits[i] > 0 ? 1 : 0;
        both += predicted * unseen.truths()[i];
        either += predicted + unseen.truths()[i];
      }
      return 2 * both / either;
    }
  }
}
