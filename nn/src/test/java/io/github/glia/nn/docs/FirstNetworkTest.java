package io.github.glia.nn.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.loss.Bce;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.nn.Layer;
import io.github.glia.nn.MovingAverage;
import io.github.glia.nn.Objective;
import io.github.glia.nn.Optimizer;
import io.github.glia.nn.Schedule;
import io.github.glia.nn.Tape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the code of docs/first-network.md. */
class FirstNetworkTest {
  @TempDir Path folder;

  static List<Device> devices() {
    return Device.all();
  }

  @AfterEach
  void nothingIsLeft() {
    Device.all().forEach(d -> assertEquals(0, d.memory().liveBytes(), () -> d.memory().report()));
  }

  @ParameterizedTest
  @MethodSource("devices")
  void findsTheSquares(Device device) throws IOException {
    Path file = folder.resolve("squares.safetensors");
    FirstNetwork.train(device, 60, file);
    BrightSquares unseen = new BrightSquares(FirstNetwork.BATCH, 1_000_000);
    float[] logits = FirstNetwork.predict(device, file, unseen.images());
    double both = 0;
    double either = 0;
    for (int i = 0; i < logits.length; i++) {
      double found = logits[i] > 0 ? 1 : 0;
      both += found * unseen.truths()[i];
      either += found + unseen.truths()[i];
    }
    double dice = 2 * both / either;
    assertTrue(dice > 0.9, "Dice " + dice);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void accumulatesTheMeanOfFourBatches(Device device) {
    Objective objective = new Objective(new Bce());
    Layer network = FirstNetwork.network();
    network.initialize(device, 1);
    try (network;
        Optimizer optimizer = Optimizer.adam(network)) {
      double[] mean = new double[8];
      for (int batch = 0; batch < 4; batch++) {
        MoreTraining.backward(network, objective, device, batch, 1);
        float[] gradient = network.trained().get("5.weight").gradient().toFloats();
        for (int i = 0; i < mean.length; i++) {
          mean[i] += gradient[i] / 4;
        }
        network.trained().values().forEach(p -> p.clearGradient());
      }
      for (int batch = 0; batch < 4; batch++) {
        MoreTraining.backward(network, objective, device, batch, 1f / 4);
      }
      float[] sum = network.trained().get("5.weight").gradient().toFloats();
      for (int i = 0; i < mean.length; i++) {
        assertEquals(mean[i], sum[i], 1e-6);
      }
      network.trained().values().forEach(p -> p.clearGradient());
      MoreTraining.accumulate(network, objective, optimizer, device);
      assertEquals(1, optimizer.steps());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void predictsInBytes(Device device) {
    assumeTrue(device.computes(DType.I8), device + " does not multiply bytes");
    try (Layer network = MoreTraining.halfPrecisionNetwork();
        Scope scope = Scope.open()) {
      network.initialize(device, 1);
      float[] ramp = new float[8 * 8];
      for (int i = 0; i < ramp.length; i++) {
        ramp[i] = i / 64f;
      }
      Tensor x = Tensor.of(device, Shape.of(1, 8, 8, 1), ramp);
      float[] floats = network.predict(x).toFloats();
      float[] bytes = MoreTraining.inBytes(network, x, x).toFloats();
      assertArrayEquals(floats, bytes, 0.05f);
      assertFalse(Arrays.equals(floats, bytes), "the same bits");
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void clipsToTheNorm(Device device) {
    Layer network = FirstNetwork.network();
    network.initialize(device, 1);
    try (network;
        Optimizer optimizer = MoreTraining.clipped(network)) {
      MoreTraining.backward(network, new Objective(new Bce()), device, 0, 100);
      optimizer.step(1e-2f);
      assertTrue(optimizer.gradientNorm() > 1, "norm " + optimizer.gradientNorm());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void predictsWithTheAverageAndPutsTheWeightsBack(Device device) {
    Layer network = FirstNetwork.network();
    network.initialize(device, 1);
    try (network;
        Optimizer optimizer = Optimizer.adam(network);
        MovingAverage average = new MovingAverage(network, 0.9f);
        Scope scope = Scope.open()) {
      Tensor x =
          Tensor.of(device, FirstNetwork.BATCH, new BrightSquares(FirstNetwork.BATCH, 7).images());
      float[] first = network.predict(x).toFloats();
      MoreTraining.backward(network, new Objective(new Bce()), device, 0, 1);
      optimizer.step(1e-2f);
      float[] later = network.predict(x).toFloats();
      assertArrayEquals(first, MoreTraining.averaged(network, average, x));
      assertArrayEquals(later, network.predict(x).toFloats());
      average.update();
      assertTrue(first[0] != MoreTraining.averaged(network, average, x)[0]);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void goesOnFromACheckpointWithTheSameBits(Device device) throws IOException {
    List<Float> straight = new ArrayList<>();
    Objective objective = new Objective(new BceDice(1));
    Layer network = FirstNetwork.network();
    network.initialize(device, 1);
    try (network;
        Optimizer optimizer = Optimizer.adam(network)) {
      steps(network, objective, optimizer, device, 0, 3);
      MoreTraining.saveCheckpoint(network, optimizer, folder);
      steps(network, objective, optimizer, device, 3, 6);
      addWeights(network, straight);
    }
    List<Float> resumed = new ArrayList<>();
    Layer second = FirstNetwork.network();
    second.initialize(device, 2);
    try (second;
        Optimizer optimizer = Optimizer.adam(second)) {
      MoreTraining.loadCheckpoint(second, optimizer, folder);
      steps(second, objective, optimizer, device, (int) optimizer.steps(), 6);
      addWeights(second, resumed);
    }
    assertEquals(straight, resumed);
  }

  private static void steps(
      Layer network, Objective objective, Optimizer optimizer, Device device, int from, int to) {
    Schedule schedule = MoreTraining.schedule();
    for (int step = from; step < to; step++) {
      MoreTraining.backward(network, objective, device, step, 1);
      optimizer.step(schedule.rate(step));
    }
  }

  private static void addWeights(Layer network, List<Float> to) {
    network
        .state()
        .values()
        .forEach(
            p -> {
              for (float value : p.value().toFloats()) {
                to.add(value);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("devices")
  void trainsInHalfPrecision(Device device) {
    assumeTrue(device.computes(DType.BF16), device + " does not compute in BF16");
    Layer network = MoreTraining.halfPrecisionNetwork();
    network.initialize(device, 1);
    try (network;
        Scope scope = Scope.open()) {
      BrightSquares data = new BrightSquares(FirstNetwork.BATCH, 0);
      Tape tape = Tape.training(1, 0);
      Tensor x = Tensor.of(device, FirstNetwork.BATCH, data.images());
      Tensor logits = MoreTraining.halfPrecision(tape, network, x);
      assertEquals(DType.F32, logits.dtype());
      Tensor truth = Tensor.of(device, FirstNetwork.BATCH, data.truths());
      tape.backward(new Objective(new Bce()).forward(tape, logits, truth));
      network.trained().values().forEach(p -> assertEquals(DType.F32, p.gradient().dtype()));
    }
  }
}
