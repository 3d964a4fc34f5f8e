package io.github.glia.kernels.update;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Case;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class UpdateContract extends KernelContract {
  private static final double TOLERANCE = 1e-6;
  private static final int STEPS = 5;

  /** Sizes of one network, from a bias to more than two parts of a parallel loop. */
  private static List<Shape> shapes(Case c) {
    List<Shape> shapes = new ArrayList<>();
    int tensors = c.between(1, 6);
    for (int i = 0; i < tensors; i++) {
      shapes.add(
          c.oneOf(
              Shape.of(1),
              Shape.of(c.between(1, 70)),
              Shape.of(c.between(1, 20), 3, 3, c.between(1, 20)),
              Shape.of(1 << 10),
              Shape.of((1 << 14) + c.between(-1, 1)),
              Shape.of(40_001)));
    }
    return shapes;
  }

  private static List<double[]> values(Case c, List<Shape> shapes) {
    return shapes.stream().map(c::values).toList();
  }

  private static List<double[]> zeros(List<Shape> shapes) {
    return shapes.stream().map(s -> new double[(int) s.count()]).toList();
  }

  /** Tensors of these values, some of them views into larger ones. */
  private static List<Tensor> tensors(Case c, List<Shape> shapes, List<double[]> values) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      tensors.add(tensor(c, shapes.get(i), values.get(i)));
    }
    return tensors;
  }

  private static Tensor tensor(Case c, Shape shape, double[] values) {
    if (c.random().nextBoolean()) {
      return c.tensor(shape, values);
    }
    int n = values.length;
    double[] threeTimes = new double[3 * n];
    System.arraycopy(values, 0, threeTimes, n, n);
    return c.tensor(Shape.of(3, n), threeTimes).slice(1, 2).reshape(shape);
  }

  private static void assertClose(
      String what, List<double[]> expected, List<Tensor> actual, double tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      assertClose(what + "[" + i + "]", expected.get(i), read(actual.get(i)), tolerance);
    }
  }

  @TestFactory
  Stream<DynamicTest> sgdMatchesTheReference() {
    return onEveryDevice(
        40,
        c -> {
          double momentum = c.oneOf(0.0, 0.5, 0.9);
          boolean nesterov = momentum > 0 && c.random().nextBoolean();
          Sgd sgd = new Sgd(momentum, nesterov, c.oneOf(0.0, 1e-3, 0.1));
          SgdPlan plan = SgdPlan.on(c.device(), new SgdPlan.Key(sgd));
          List<Shape> shapes = shapes(c);
          List<double[]> w = values(c, shapes);
          List<double[]> velocity = zeros(shapes);
          List<Tensor> wt = tensors(c, shapes, w);
          List<Tensor> velocityT =
              sgd.hasVelocity() ? shapes.stream().map(c::output).toList() : null;
          float rate = c.oneOf(0.01f, 0.1f);
          float scale = c.oneOf(1f, 0.25f, -2f);
          for (int step = 1; step <= STEPS; step++) {
            List<double[]> g = values(c, shapes);
            List<Tensor> gt = tensors(c, shapes, g);
            plan.step(wt, gt, velocityT, rate, scale, step == 1);
            for (int i = 0; i < w.size(); i++) {
              ReferenceUpdate.sgd(sgd, w.get(i), g.get(i), velocity.get(i), rate, scale, step == 1);
            }
            assertClose("g", g, gt, 0);
          }
          assertClose(sgd + " w", w, wt, TOLERANCE);
          if (sgd.hasVelocity()) {
            assertClose(sgd + " velocity", velocity, velocityT, TOLERANCE);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> adamMatchesTheReference() {
    return onEveryDevice(
        40,
        c -> {
          Adam adam =
              new Adam(
                  c.oneOf(0.0, 0.8, 0.9),
                  c.oneOf(0.99, 0.999),
                  c.oneOf(1e-8, 1e-3),
                  c.oneOf(0.0, 1e-3, 0.1));
          boolean decoupled = c.random().nextBoolean();
          AdamPlan plan = AdamPlan.on(c.device(), new AdamPlan.Key(adam, decoupled));
          List<Shape> shapes = shapes(c);
          List<double[]> w = values(c, shapes);
          List<double[]> m = zeros(shapes);
          List<double[]> v = zeros(shapes);
          List<Tensor> wt = tensors(c, shapes, w);
          List<Tensor> mt = tensors(c, shapes, m);
          List<Tensor> vt = tensors(c, shapes, v);
          float rate = c.oneOf(0.01f, 0.1f);
          float scale = c.oneOf(1f, 0.25f);
          for (int step = 1; step <= STEPS; step++) {
            List<double[]> g = values(c, shapes);
            List<Tensor> gt = tensors(c, shapes, g);
            plan.step(wt, gt, mt, vt, rate, scale, step);
            for (int i = 0; i < w.size(); i++) {
              ReferenceUpdate.adam(
                  adam, decoupled, w.get(i), g.get(i), m.get(i), v.get(i), rate, scale, step);
            }
            assertClose("g", g, gt, 0);
          }
          assertClose(adam + " w", w, wt, TOLERANCE);
          assertClose(adam + " m", m, mt, TOLERANCE);
          assertClose(adam + " v", v, vt, TOLERANCE);
        });
  }

  @TestFactory
  Stream<DynamicTest> normMatchesTheReferenceAndItself() {
    return onEveryDevice(
        20,
        c -> {
          NormPlan plan = NormPlan.on(c.device(), new NormPlan.Key());
          List<Shape> shapes = shapes(c);
          List<double[]> g = values(c, shapes);
          List<Tensor> gt = tensors(c, shapes, g);
          double expected = ReferenceUpdate.norm(g.toArray(double[][]::new));
          double norm = plan.norm(gt);
          assertEquals(expected, norm, 1e-12 * expected);
          for (int i = 0; i < 5; i++) {
            assertEquals(norm, plan.norm(gt));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> normDoesNotOverflow() {
    return onEveryDevice(
        1,
        c -> {
          NormPlan plan = NormPlan.on(c.device(), new NormPlan.Key());
          Tensor huge = c.tensor(Shape.of(2), new double[] {3e38, 1});
          assertEquals(huge.toFloats()[0], plan.norm(List.of(huge)), 1e26);
          assertEquals(0, plan.norm(List.of()));
        });
  }

  @TestFactory
  Stream<DynamicTest> averageMatchesTheReference() {
    return onEveryDevice(
        20,
        c -> {
          AveragePlan plan = AveragePlan.on(c.device(), new AveragePlan.Key());
          float decay = c.oneOf(0f, 0.5f, 0.99f, 1f);
          List<Shape> shapes = shapes(c);
          List<double[]> average = values(c, shapes);
          List<Tensor> averageT = tensors(c, shapes, average);
          for (int step = 0; step < STEPS; step++) {
            List<double[]> w = values(c, shapes);
            plan.step(averageT, tensors(c, shapes, w), decay);
            for (int i = 0; i < w.size(); i++) {
              ReferenceUpdate.average(average.get(i), w.get(i), decay);
            }
          }
          assertClose("average", average, averageT, TOLERANCE);
        });
  }

  /** More tensors than a launch of a GPU takes, some of them larger than what a block works on. */
  @TestFactory
  Stream<DynamicTest> updatesManyTensors() {
    return onEveryDevice(
        2,
        c -> {
          List<Shape> shapes = new ArrayList<>();
          for (int i = 0; i < 80 * c.between(2, 3) + c.between(-1, 1); i++) {
            shapes.add(Shape.of(i % 20 == 0 ? 8192 + c.between(-1, 1) : c.between(1, 9)));
          }
          Adam adam = new Adam(0.9, 0.999, 1e-3, 0.1);
          List<double[]> w = values(c, shapes);
          List<double[]> g = values(c, shapes);
          List<double[]> m = zeros(shapes);
          List<double[]> v = zeros(shapes);
          List<Tensor> wt = tensors(c, shapes, w);
          List<Tensor> gt = tensors(c, shapes, g);
          AdamPlan.on(c.device(), new AdamPlan.Key(adam, true))
              .step(wt, gt, tensors(c, shapes, m), tensors(c, shapes, v), 0.1f, 0.5f, 1);
          for (int i = 0; i < w.size(); i++) {
            ReferenceUpdate.adam(adam, true, w.get(i), g.get(i), m.get(i), v.get(i), 0.1f, 0.5f, 1);
          }
          assertClose("w", w, wt, TOLERANCE);
          double expected = ReferenceUpdate.norm(g.toArray(double[][]::new));
          double norm = NormPlan.on(c.device(), new NormPlan.Key()).norm(gt);
          assertEquals(expected, norm, 1e-12 * expected);
        });
  }

  /** A recording would repeat the step with its learning rate. */
  @TestFactory
  Stream<DynamicTest> isNotRecorded() {
    return onEveryDevice(
        1,
        c -> {
          Backend backend = Backend.of(c.device());
          if (!backend.records()) {
            return;
          }
          List<Tensor> w = List.of(c.tensor(Shape.of(3), new double[] {1, 2, 3}));
          List<Tensor> g = List.of(c.tensor(Shape.of(3), new double[] {1, 1, 1}));
          SgdPlan plan = SgdPlan.on(c.device(), new SgdPlan.Key(new Sgd(0, false, 0)));
          UnsupportedOperationException e =
              assertThrows(
                  UnsupportedOperationException.class,
                  () -> backend.record(() -> plan.step(w, g, null, 1, 1, true)));
          assertTrue(e.getMessage().contains("an update cannot be recorded"), e.getMessage());
          assertSame("w", new double[] {1, 2, 3}, read(w.get(0)));
          plan.step(w, g, null, 1, 1, true);
          assertSame("w", new double[] {0, 1, 2}, read(w.get(0)));
        });
  }

  @TestFactory
  Stream<DynamicTest> writesNothingAroundAView() {
    return onEveryDevice(
        1,
        c -> {
          Tensor whole = c.output(Shape.of(3, 5));
          List<Tensor> w = List.of(whole.slice(1, 2));
          w.get(0).zero();
          List<Tensor> g = List.of(c.tensor(Shape.of(1, 5), new double[] {1, 2, 3, 4, 5}));
          SgdPlan.on(c.device(), new SgdPlan.Key(new Sgd(0, false, 0)))
              .step(w, g, null, 1, 1, true);
          double nan = Double.NaN;
          assertTrue(
              Arrays.equals(
                  new double[] {
                    nan, nan, nan, nan, nan, -1, -2, -3, -4, -5, nan, nan, nan, nan, nan
                  },
                  read(whole)));
        });
  }

  @TestFactory
  Stream<DynamicTest> saysThatTensorsChanged() {
    return onEveryDevice(
        1,
        c -> {
          List<Tensor> w = List.of(c.tensor(Shape.of(3), new double[3]));
          List<Tensor> g = List.of(c.tensor(Shape.of(3), new double[3]));
          long versionOfW = w.get(0).version();
          long versionOfG = g.get(0).version();
          SgdPlan.on(c.device(), new SgdPlan.Key(new Sgd(0, false, 0)))
              .step(w, g, null, 1, 1, true);
          assertTrue(w.get(0).version() > versionOfW);
          assertEquals(versionOfG, g.get(0).version());
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(4);
          List<Tensor> w = List.of(c.tensor(shape, c.values(shape)));
          List<Tensor> g = List.of(c.tensor(shape, new double[] {1, Double.NaN, 1, 1}));
          List<Tensor> m = List.of(c.tensor(shape, new double[4]));
          List<Tensor> v = List.of(c.tensor(shape, new double[4]));
          AdamPlan.on(c.device(), new AdamPlan.Key(new Adam(0.9, 0.999, 1e-8, 0), false))
              .step(w, g, m, v, 0.1f, 1, 1);
          double[] after = read(w.get(0));
          assertTrue(Double.isNaN(after[1]));
          assertTrue(Double.isFinite(after[0] + after[2] + after[3]));
          assertTrue(Double.isNaN(NormPlan.on(c.device(), new NormPlan.Key()).norm(g)));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Tensor a = c.output(Shape.of(2, 3));
          Tensor b = c.output(Shape.of(4));
          List<Tensor> one = List.of(a);
          List<Tensor> two = List.of(a, b);
          List<Tensor> swapped = List.of(b, a);
          List<Tensor> bytes = List.of(a, c.output(DType.U8, Shape.of(4)));
          SgdPlan plain = SgdPlan.on(c.device(), new SgdPlan.Key(new Sgd(0, false, 0)));
          SgdPlan fast = SgdPlan.on(c.device(), new SgdPlan.Key(new Sgd(0.9, false, 0)));
          refused("w is null", () -> plain.step(null, two, null, 1, 1, true));
          refused("g is null", () -> plain.step(two, null, null, 1, 1, true));
          refused("g must have 2 tensors, but has 1", () -> plain.step(two, one, null, 1, 1, true));
          refused(
              "g[0] must have the shape [2, 3]", () -> plain.step(two, swapped, null, 1, 1, true));
          refused("g[1] must be F32", () -> plain.step(two, bytes, null, 1, 1, true));
          refused("w[1] must be F32", () -> plain.step(bytes, two, null, 1, 1, true));
          refused("w[1] is null", () -> plain.step(Arrays.asList(a, null), two, null, 1, 1, true));
          refused("velocity is null", () -> fast.step(two, two, null, 1, 1, true));
          refused("velocity must be null", () -> plain.step(two, two, two, 1, 1, true));
          refused("learning rate must be", () -> plain.step(two, two, null, -1, 1, true));
          refused("learning rate must be", () -> plain.step(two, two, null, Float.NaN, 1, true));
          refused(
              "gradient scale must be finite",
              () -> plain.step(two, two, null, 1, Float.POSITIVE_INFINITY, true));

          AdamPlan adam =
              AdamPlan.on(c.device(), new AdamPlan.Key(new Adam(0.9, 0.999, 1e-8, 0), true));
          refused("step must be at least 1", () -> adam.step(two, two, two, two, 1, 1, 0));
          refused("m must have 2", () -> adam.step(two, two, one, two, 1, 1, 1));
          refused("v must have 2", () -> adam.step(two, two, two, one, 1, 1, 1));
          refused("learning rate", () -> adam.step(two, two, two, two, -1, 1, 1));

          AveragePlan average = AveragePlan.on(c.device(), new AveragePlan.Key());
          refused("decay must be from 0 to 1", () -> average.step(two, two, 1.5f));
          refused("w must have 2", () -> average.step(two, one, 0.5f));
          refused("g is null", () -> NormPlan.on(c.device(), new NormPlan.Key()).norm(null));
          b.close();
          assertThrows(IllegalStateException.class, () -> plain.step(two, two, null, 1, 1, true));
        });
  }

  @Test
  void refusesImpossibleParameters() {
    refused("momentum must be finite and not negative", () -> new Sgd(-0.1, false, 0));
    refused("weight decay must be", () -> new Sgd(0, false, Double.NaN));
    refused("nesterov needs a momentum", () -> new Sgd(0, true, 0));
    refused("beta1 must be", () -> new Adam(1, 0.999, 1e-8, 0));
    refused("beta2 must be", () -> new Adam(0.9, -0.1, 1e-8, 0));
    refused("epsilon must be greater than 0", () -> new Adam(0.9, 0.999, 0, 0));
    refused("weight decay must be", () -> new Adam(0.9, 0.999, 1e-8, -1));
  }
}
