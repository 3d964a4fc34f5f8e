package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.loss.BceDice;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Recorded predictions give the bits of plain ones. */
final class InferenceStepTest extends DeviceTests {
  /** After this many batches of one size, the next is replayed. */
  private static final int UNTIL_REPLAYED = 3;

  private static Layer network(Device device, Layer... more) {
    List<Layer> layers = new ArrayList<>();
    layers.add(new ConvNormRelu(1, 5, 3, Norm.BATCH));
    layers.addAll(List.of(more));
    layers.add(new ConvTranspose2d(5, 4, 2, 2));
    layers.add(new MaxPool2d(2));
    layers.add(new ConvNormRelu(4, 4, 3, Norm.GROUP));
    layers.add(Conv2d.builder(4, 1, 1).outputType(DType.F32).build());
    Layer network = new Sequential(layers.toArray(Layer[]::new));
    network.initialize(device, 3);
    return network;
  }

  /** A network that predicts batches by a step, each of them compared with the plain one. */
  private static final class Run implements AutoCloseable {
    final Device device;
    final Layer network;
    final InferenceStep step;
    private final DType type;
    private long batches;

    Run(Device device, DType type, Layer... more) {
      this.device = device;
      this.type = type;
      network = network(device, more);
      step = new InferenceStep(network, (tape, inputs) -> output(tape, inputs.get(0)));
    }

    private Tensor output(Tape tape, Tensor x) {
      return network.forward(tape, Cast.forward(tape, x, type));
    }

    void batch(int size) {
      try (Scope scope = Scope.open()) {
        Tensor x = random(device, batches++, size, 8, 6, 1);
        float[] actual = step.predict(x).toFloats();
        for (int i = 0; i < 20; i++) {
          random(device, i, 1 + 37 * i); // where weights would be that were freed too soon
        }
        assertArrayEquals(output(Tape.inference(), x).toFloats(), actual);
      }
    }

    void batches(int count, int size) {
      for (int i = 0; i < count; i++) {
        batch(size);
      }
    }

    /** A batch that is replayed, where the device can. */
    void replayedBatch(int size) {
      assertEquals(Backend.of(device).records(), isReplayed(size));
      batch(size);
    }

    boolean isReplayed(int size) {
      List<String> kernels = new ArrayList<>();
      try (Scope scope = Scope.open()) {
        Tensor x = random(device, 1, size, 8, 6, 1);
        Backend.of(device).observe((kernel, implementation, nanoseconds) -> kernels.add(kernel));
        step.predict(x);
      } finally {
        Backend.of(device).observe(null);
      }
      return kernels.equals(List.of("recorded step"));
    }

    @Override
    public void close() {
      step.close();
      network.close();
    }
  }

  private interface Batches {
    void predict(Run run);
  }

  private static Stream<DynamicTest> inEveryType(Batches batches) {
    return Stream.of(DType.F32, DType.BF16)
        .flatMap(
            type ->
                onEveryDevice(
                    "" + type,
                    device -> {
                      if (device.computes(type)) {
                        try (Run run = new Run(device, type)) {
                          batches.predict(run);
                          assertNull(run.step.whyNotRecorded());
                        }
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> isTheSameAsPlainly() {
    return inEveryType(
        run -> {
          run.batches(UNTIL_REPLAYED, 3);
          run.replayedBatch(3);
          run.replayedBatch(3);
        });
  }

  /** Their weights are packed anew, while the recording still reads the others. */
  @TestFactory
  Stream<DynamicTest> smallerBatchesBetweenAreComputedPlainly() {
    return inEveryType(
        run -> {
          for (int before = 1; before <= UNTIL_REPLAYED; before++) {
            run.batch(3);
          }
          for (int i = 0; i < 3; i++) {
            run.batch(2);
            run.replayedBatch(3);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aSmallerBatchMayComeBeforeTheThird() {
    return inEveryType(
        run -> {
          run.batches(2, 3);
          run.batch(2);
          run.batch(3);
          run.replayedBatch(3);
        });
  }

  @TestFactory
  Stream<DynamicTest> aChangeOfSizeForGoodIsRecordedAnew() {
    return inEveryType(
        run -> {
          run.batches(UNTIL_REPLAYED, 2);
          run.replayedBatch(2);
          run.batches(UNTIL_REPLAYED, 3);
          run.replayedBatch(3);
        });
  }

  @TestFactory
  Stream<DynamicTest> anotherTypeOfInputsIsAnotherKey() {
    return onEveryDevice(
        device -> {
          DType other = device.computes(DType.BF16) ? DType.BF16 : DType.F16;
          try (Run run = new Run(device, DType.F32)) {
            run.batches(UNTIL_REPLAYED, 3);
            Tensor x = inType(random(device, 5, 3, 8, 6, 1), other);
            float[] expected = run.output(Tape.inference(), x).toFloats();
            assertArrayEquals(expected, run.step.predict(x).toFloats());
            run.replayedBatch(3);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> eachWeightAndStatisticMayChange() {
    return inEveryType(
        run -> {
          for (String name : run.network.state().keySet()) {
            run.batches(UNTIL_REPLAYED, 3);
            run.replayedBatch(3);
            Tensor changed = value(run.network, name);
            float[] values = changed.toFloats();
            for (int i = 0; i < values.length; i++) {
              values[i] = 1.5f * values[i] + 0.25f;
            }
            changed.copyFrom(values);
            run.batch(3);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> weightsMayChangeBetweenRehearsalAndRecording() {
    return inEveryType(
        run -> {
          for (int before = 1; before <= UNTIL_REPLAYED; before++) {
            run.batches(before, 3);
            run.network.initialize(run.device, before);
          }
          run.batches(UNTIL_REPLAYED, 3);
          run.replayedBatch(3);
        });
  }

  /** As in a validation, with the moving averages put in, in the middle of a training. */
  @TestFactory
  Stream<DynamicTest> trainingMayGoOnBetween() {
    return inEveryType(
        run -> {
          Objective objective = new Objective(new BceDice(1));
          try (Optimizer optimizer = Optimizer.adam(run.network);
              MovingAverage average = new MovingAverage(run.network, 0.5f);
              GradientStep gradients =
                  new GradientStep(
                      run.network,
                      (tape, in) ->
                          objective.forward(tape, run.output(tape, in.get(0)), in.get(1)))) {
            Tensor x = random(run.device, 1, 3, 8, 6, 1);
            Tensor truth = Tensor.zeros(run.device, DType.F32, x.shape());
            for (int epoch = 0; epoch < 3; epoch++) {
              for (int i = 0; i < 4; i++) {
                gradients.run(7, i, 1, x, truth);
                if (i < 3) { // a batch of which only the statistics remain
                  optimizer.step(1e-2f);
                } else {
                  run.network.trained().values().forEach(Parameter::clearGradient);
                }
                average.update();
              }
              run.batches(UNTIL_REPLAYED, 3);
              run.replayedBatch(3);
              average.swap();
              run.batches(UNTIL_REPLAYED + 1, 3);
              average.swap();
              run.batch(3);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> releasedCachesAreMadeAgain() {
    return inEveryType(
        run -> {
          for (int before = 1; before <= UNTIL_REPLAYED + 1; before++) {
            run.network.initialize(run.device, before);
            run.batches(before, 3);
            run.device.releaseCaches();
            run.batches(UNTIL_REPLAYED, 3);
            run.replayedBatch(3);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> stepsOfOneNetworkMayTakeTurns() {
    return onEveryDevice(
        device -> {
          try (Run run = new Run(device, DType.F32);
              InferenceStep other =
                  new InferenceStep(run.network, (tape, in) -> run.output(tape, in.get(0)))) {
            Tensor x = random(device, 1, 2, 8, 6, 1);
            float[] expected = run.output(Tape.inference(), x).toFloats();
            for (int i = 0; i <= UNTIL_REPLAYED; i++) {
              run.batch(3);
              assertArrayEquals(expected, other.predict(x).toFloats());
            }
            run.replayedBatch(3);
            assertNull(run.step.whyNotRecorded());
            assertNull(other.whyNotRecorded());
          }
        });
  }

  /** So that its weights are packed twice in each batch. */
  @TestFactory
  Stream<DynamicTest> aLayerMayBeUsedForTwoSizes() {
    return onEveryDevice(
        device -> {
          Layer twice = new ConvNormRelu(5, 5, 3, Norm.BATCH);
          try (Run run = new Run(device, DType.F32, twice, new MaxPool2d(2), twice)) {
            run.batches(UNTIL_REPLAYED, 3);
            run.replayedBatch(3);
            assertNull(run.step.whyNotRecorded());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> memoryOfOthersIsNotTouched() {
    return onEveryDevice(
        device -> {
          try (Run run = new Run(device, DType.F32)) {
            run.batches(UNTIL_REPLAYED, 3);
            List<Tensor> others = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
              others.add(random(device, i, 1 + 37 * i));
            }
            run.replayedBatch(3);
            for (int i = 0; i < others.size(); i++) {
              assertArrayEquals(gaussian(i, Shape.of(1 + 37 * i)), others.get(i).toFloats());
            }
          }
        });
  }

  /** Weights that were packed while the step had memory of its own stay with their layers. */
  @TestFactory
  Stream<DynamicTest> nothingIsReservedAfterTheEnd() {
    return onEveryDevice(
        device -> {
          Layer network = network(device);
          Tensor small = random(device, 1, 1, 8, 6, 1);
          Tensor x = random(device, 2, 3, 8, 6, 1);
          network.predict(x).close();
          device.memory().trim();
          long before = device.memory().reservedBytes();
          try (InferenceStep step =
              new InferenceStep(network, (tape, in) -> network.forward(tape, in.get(0)))) {
            for (int i = 0; i <= UNTIL_REPLAYED; i++) {
              try (Scope scope = Scope.open()) {
                step.predict(x);
                if (i == 0) { // so that the rehearsal is what packs the weights anew
                  network.predict(small);
                }
              }
            }
            assertNull(step.whyNotRecorded());
          }
          device.memory().trim();
          assertEquals(before, device.memory().reservedBytes());
          network.close();
        });
  }

  /** It reads what it computed. */
  private static final class Reading extends Layer {
    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      return Tensor.of(x.device(), x.dtype(), x.shape(), x.toFloats());
    }
  }

  /** Its weights are packed where no recording knows of them. */
  private static final class OnATapeOfItsOwn extends Layer {
    private final Layer within = add("within", new Conv2d(5, 5, 3));

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      return within.predict(x);
    }
  }

  @TestFactory
  Stream<DynamicTest> whatCannotBeRecordedIsComputedPlainlyAndThatIsSaid() {
    return Stream.of(
            new Object[] {new Reading(), "reads from the device"},
            new Object[] {new OnATapeOfItsOwn(), "a tape of its own"})
        .flatMap(
            layerAndWhy ->
                onEveryDevice(
                    (String) layerAndWhy[1],
                    device -> {
                      try (Run run = new Run(device, DType.F32, (Layer) layerAndWhy[0])) {
                        run.batches(6, 3);
                        String why = run.step.whyNotRecorded();
                        if (Backend.of(device).records()) {
                          assertNotNull(why);
                          assertTrue(why.contains((String) layerAndWhy[1]), why);
                        }
                      }
                    }));
  }

  /** A layer that changes nothing, and fails when it is told to. */
  private static final class Failing extends Layer {
    private boolean fails;

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      if (fails) {
        throw new IllegalStateException("told to fail");
      }
      return x;
    }
  }

  /** So that a smaller batch can be tried after memory ended. */
  @TestFactory
  Stream<DynamicTest> aBatchThatFailsLeavesNothing() {
    return onEveryDevice(
        device -> {
          Failing failing = new Failing();
          try (Run run = new Run(device, DType.F32, failing)) {
            Tensor x = random(device, 1, 3, 8, 6, 1);
            run.batch(3);
            long before = device.memory().liveBytes();
            for (int well = 0; well < UNTIL_REPLAYED; well++) {
              run.network.initialize(device, well);
              run.batches(well, 3);
              failing.fails = true;
              assertThrows(IllegalStateException.class, () -> run.step.predict(x));
              failing.fails = false;
              run.batch(2);
              assertEquals(before, device.memory().liveBytes(), "after " + well + " batches");
            }
            run.batches(UNTIL_REPLAYED, 3);
            run.replayedBatch(3);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> theCallerOwnsTheOutput() {
    return onEveryDevice(
        device -> {
          try (Run run = new Run(device, DType.F32)) {
            Tensor x = random(device, 1, 3, 8, 6, 1);
            for (int i = 0; i <= UNTIL_REPLAYED; i++) {
              Tensor output;
              try (Scope scope = Scope.open()) {
                output = run.step.predict(x);
              }
              assertTrue(output.isClosed());
            }
            Tensor last = run.step.predict(x);
            float[] values = last.toFloats();
            run.step.close();
            run.batch(2);
            assertArrayEquals(values, last.toFloats());
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> theNetworkMayBeClosedFirst() {
    return onEveryDevice(
        device -> {
          try (Run run = new Run(device, DType.F32)) {
            run.batches(UNTIL_REPLAYED + 1, 3);
            run.network.close();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> saysWhatIsMissing() {
    return onEveryDevice(
        device -> {
          try (Run run = new Run(device, DType.F32)) {
            refused("there are no inputs", run.step::predict);
            refused("the forward is null", () -> new InferenceStep(run.network, null));
            refused("the network is null", () -> new InferenceStep(null, (tape, in) -> in.get(0)));
          }
        });
  }
}
