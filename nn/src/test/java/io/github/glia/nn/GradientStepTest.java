package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Recorded steps give the bits of plain ones. */
final class GradientStepTest extends DeviceTests {
  private static final Objective OBJECTIVE = new Objective(new BceDice(1));

  private static Layer network(Device device, Layer... more) {
    List<Layer> layers = new ArrayList<>();
    layers.add(new ConvNormRelu(1, 5, 3, Norm.BATCH));
    layers.addAll(List.of(more));
    layers.add(new ConvTranspose2d(5, 4, 2, 2));
    layers.add(new MaxPool2d(2));
    layers.add(Conv2d.builder(4, 1, 1).outputType(DType.F32).build());
    Layer network = new Sequential(layers.toArray(Layer[]::new));
    network.initialize(device, 3);
    return network;
  }

  /** Trains with batches of these sizes; some are the second of a group. */
  private static final class Run implements AutoCloseable {
    final Layer network;
    final Optimizer optimizer;
    final GradientStep step;
    final List<Float> losses = new ArrayList<>();
    private final Device device;
    private final boolean plain;
    private final DType type;

    Run(Device device, DType type, boolean plain, Layer... more) {
      this.device = device;
      this.type = type;
      this.plain = plain;
      network = network(device, more);
      optimizer = Optimizer.adam(network);
      step = new GradientStep(network, this::loss);
    }

    private Tensor loss(Tape tape, List<Tensor> inputs) {
      Tensor logits = network.forward(tape, Cast.forward(tape, inputs.get(0), type));
      return OBJECTIVE.forward(tape, logits, inputs.get(1));
    }

    void batch(int size, float multiple) {
      try (Scope scope = Scope.open()) {
        long number = losses.size();
        Tensor x = random(device, number, size, 8, 6, 1);
        float[] truth = x.toFloats();
        for (int i = 0; i < truth.length; i++) {
          truth[i] = truth[i] > 0.5f ? 1 : 0;
        }
        Tensor t = Tensor.of(device, Shape.of(size, 8, 6, 1), truth);
        if (plain) {
          Tape tape = Tape.training(7, number);
          Tensor loss = loss(tape, List.of(x, t));
          tape.backward(loss, multiple);
          losses.add(loss.item());
        } else {
          losses.add(step.run(7, number, multiple, x, t));
        }
      }
    }

    void change() {
      optimizer.step(1e-2f);
    }

    Map<String, float[]> everything() {
      Map<String, float[]> all = new LinkedHashMap<>();
      network.state().forEach((name, p) -> all.put(name, p.value().toFloats()));
      optimizer.state().forEach((name, t) -> all.put(name, t.toFloats()));
      return all;
    }

    @Override
    public void close() {
      step.close();
      optimizer.close();
      network.close();
    }
  }

  private interface Steps {
    void take(Run run);
  }

  private static void assertSameBits(Device device, DType type, Steps steps) {
    try (Run plain = new Run(device, type, true);
        Run recorded = new Run(device, type, false)) {
      steps.take(plain);
      steps.take(recorded);
      assertEquals(plain.losses, recorded.losses);
      Map<String, float[]> actual = recorded.everything();
      plain
          .everything()
          .forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
      assertNull(recorded.step.whyNotRecorded());
    }
  }

  private static Stream<DynamicTest> inEveryType(Steps steps) {
    return Stream.of(DType.F32, DType.BF16)
        .flatMap(
            type ->
                onEveryDevice(
                    "" + type,
                    device -> {
                      if (device.computes(type)) {
                        assertSameBits(device, type, steps);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> isTheSameAsPlainSteps() {
    return inEveryType(
        run -> {
          for (int i = 0; i < 6; i++) {
            run.batch(3, 1);
            run.change();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> smallerBatchesBetweenAreComputedPlainly() {
    return inEveryType(
        run -> {
          for (int i = 0; i < 9; i++) {
            run.batch(i % 4 == 3 ? 2 : 3, 1);
            run.change();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aChangeOfSizeForGoodIsRecordedAnew() {
    return inEveryType(
        run -> {
          for (int i = 0; i < 9; i++) {
            run.batch(i < 4 ? 2 : 3, i < 7 ? 1 : 0.5f);
            run.change();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> gradientsOfAGroupAddUp() {
    return inEveryType(
        run -> {
          for (int i = 0; i < 5; i++) {
            run.batch(3, 0.5f);
            run.batch(3, 0.5f);
            run.change();
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> releasedCachesAreMadeAgain() {
    return inEveryType(
        run -> {
          for (int i = 0; i < 9; i++) {
            run.batch(3, 1);
            run.change();
            if (i == 4) {
              run.device.releaseCaches();
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> forwardMayBringItsOwnInputs() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Conv2d(2, 1, 1)) {
            layer.initialize(device, 1);
            Tensor truth = Tensor.zeros(device, DType.F32, Shape.of(2, 4, 4, 1));
            try (GradientStep step =
                new GradientStep(
                    layer,
                    (tape, none) ->
                        OBJECTIVE.forward(
                            tape, layer.forward(tape, random(device, 2, 2, 4, 4, 2)), truth))) {
              float first = step.run(1, 0, 1);
              layer.trained().values().forEach(Parameter::clearGradient);
              for (int i = 1; i < 5; i++) {
                assertEquals(first, step.run(1, i, 1));
                layer.trained().values().forEach(Parameter::clearGradient);
              }
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> memoryOfOthersIsNotTouched() {
    return onEveryDevice(
        device -> {
          try (Run run = new Run(device, DType.F32, false)) {
            for (int i = 0; i < 4; i++) {
              run.batch(3, 1);
              run.change();
            }
            List<Tensor> others = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
              others.add(random(device, i, 1 + 37 * i));
            }
            run.batch(3, 1);
            run.change();
            for (int i = 0; i < others.size(); i++) {
              assertArrayEquals(gaussian(i, Shape.of(1 + 37 * i)), others.get(i).toFloats());
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> dropoutIsNotRecordedAndThatIsSaid() {
    return onEveryDevice(
        device -> {
          try (Run plain = new Run(device, DType.F32, true, new Dropout(0.3f));
              Run recorded = new Run(device, DType.F32, false, new Dropout(0.3f))) {
            for (int i = 0; i < 5; i++) {
              for (Run run : List.of(plain, recorded)) {
                run.batch(3, 1);
                run.change();
              }
            }
            assertEquals(plain.losses, recorded.losses);
            String why = recorded.step.whyNotRecorded();
            if (Backend.of(device).records()) {
              assertNotNull(why);
              assertTrue(why.contains("dropout"), why);
            }
          }
        });
  }

  /** As where nothing is waited for until the update has been asked for. */
  @TestFactory
  Stream<DynamicTest> theLossMayBeReadAfterTheUpdate() {
    return onEveryDevice(
        device -> {
          try (Run usual = new Run(device, DType.F32, false);
              Run late = new Run(device, DType.F32, false)) {
            Tensor x = random(device, 1, 3, 8, 6, 1);
            Tensor truth = Tensor.zeros(device, DType.F32, x.shape());
            for (int i = 0; i < 5; i++) {
              float expected = usual.step.run(7, i, 1, x, truth);
              usual.change();
              Tensor loss = late.step.start(7, i, 1, x, truth);
              late.change();
              assertEquals(expected, loss.item());
            }
            assertNull(late.step.whyNotRecorded());
            Map<String, float[]> actual = late.everything();
            usual
                .everything()
                .forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
          }
        });
  }

  /** As where a part of a network learns later than the rest. */
  @TestFactory
  Stream<DynamicTest> whatIsFrozenOrLearnsAgainIsRecordedAnew() {
    return onEveryDevice(
        device -> {
          try (Run plain = new Run(device, DType.F32, true);
              Run recorded = new Run(device, DType.F32, false)) {
            for (Run run : List.of(plain, recorded)) {
              List<Parameter> parameters = List.copyOf(run.network.trained().values());
              parameters.get(0).freeze();
              for (int i = 0; i < 10; i++) {
                run.batch(3, 1);
                assertEquals(i >= 5, parameters.get(0).hasGradient());
                run.change();
                if (i == 4) {
                  parameters.get(0).unfreeze();
                }
              }
            }
            assertEquals(plain.losses, recorded.losses);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> frozenStatisticsAreRecordedAnew() {
    return onEveryDevice(
        device ->
            assertSameBits(
                device,
                DType.F32,
                run -> {
                  for (int i = 0; i < 15; i++) {
                    if (i % 5 == 4) {
                      norms(run.network)
                          .forEach(norm -> norm.freezeStatistics(run.losses.size() < 9));
                    }
                    run.batch(3, 1);
                    run.change();
                  }
                }));
  }

  private static List<BatchNorm2d> norms(Layer network) {
    List<BatchNorm2d> norms =
        network.withAllWithin().stream()
            .filter(BatchNorm2d.class::isInstance)
            .map(BatchNorm2d.class::cast)
            .toList();
    assertFalse(norms.isEmpty());
    return norms;
  }

  /** A layer that changes nothing, and whose backward fails when it is told to. */
  private static final class FailingBackward extends Layer {
    private boolean fails;

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      Tensor y = x.emptyLike();
      y.copyFrom(x);
      tape.record(
          y,
          dy -> {
            if (fails) {
              throw new IllegalStateException("told to fail");
            }
            Tensor dx = dy.emptyLike();
            dx.copyFrom(dy);
            tape.add(x, dx);
          });
      return y;
    }
  }

  /** So that a smaller batch can be tried after memory ended. */
  @TestFactory
  Stream<DynamicTest> aStepThatFailsLeavesNoGradients() {
    return onEveryDevice(
        device -> {
          FailingBackward failing = new FailingBackward();
          try (Run run = new Run(device, DType.F32, false, failing)) {
            for (int i = 0; i < 2; i++) { // a plain step, and one that is being recorded
              failing.fails = true;
              assertThrows(IllegalStateException.class, () -> run.batch(3, 1));
              run.network.trained().values().forEach(p -> assertFalse(p.hasGradient()));
              failing.fails = false;
              run.batch(3, 1);
              run.change();
            }
          }
        });
  }

  /** As where the batch lives longer than a step. */
  @TestFactory
  Stream<DynamicTest> noScopeOfTheCallerIsNeeded() {
    return devices().stream()
        .map(device -> DynamicTest.dynamicTest("on " + device, () -> withoutScope(device)));
  }

  private static void withoutScope(Device device) {
    try (Run run = new Run(device, DType.F32, false);
        Scope batch = Scope.detached()) {
      Tensor x;
      Tensor truth;
      try (Scope scope = Scope.open()) {
        x = batch.adopt(random(device, 1, 3, 8, 6, 1));
        truth = batch.adopt(Tensor.zeros(device, DType.F32, x.shape()));
      }
      for (int i = 0; i < 4; i++) {
        assertTrue(Float.isFinite(run.step.run(1, i, 1, x, truth)));
        run.change();
      }
      assertNull(run.step.whyNotRecorded());
    }
    assertEquals(0, device.memory().liveBytes(), () -> device.memory().report());
  }
}
