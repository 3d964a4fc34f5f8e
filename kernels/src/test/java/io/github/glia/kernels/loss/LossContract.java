package io.github.glia.kernels.loss;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class LossContract extends KernelContract {
  private static final Shape ONE = Shape.of(1);
  private static final double TOLERANCE = 1e-6;

  private static List<Loss> losses(Case c) {
    return List.of(
        new Dice(c.oneOf(0.5f, 1f)),
        new Jaccard(c.oneOf(0.5f, 1f)),
        new Tversky(c.oneOf(0f, 0.3f, 1f), c.oneOf(0.2f, 0.7f), 1f),
        new Bce(),
        new BceDice(1f),
        new Focal(c.oneOf(0f, 0.5f, 1f, 2f, 3.7f)),
        new CrossEntropy());
  }

  private static Shape shape(Case c) {
    return Shape.of(
        c.between(1, 3), c.between(1, 13), c.between(1, 13), c.oneOf(1, 1, 2, 3, 5, 17));
  }

  private static double[] logits(Case c, Shape shape, double scale) {
    double[] x = c.values(shape);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.max(-100, Math.min(100, scale * x[i]));
    }
    return x;
  }

  /** Classes, zeros and ones, or where {@code soft} numbers between. */
  private static double[] truth(Case c, LossPlan.Key key, boolean soft) {
    double[] t = new double[(int) key.truthShape().count()];
    for (int i = 0; i < t.length; i++) {
      if (key.loss() instanceof CrossEntropy) {
        t[i] = c.between(0, Math.min(key.logits().size(-1), 256) - 1);
      } else {
        t[i] = soft ? c.random().nextFloat() : c.between(0, 1);
      }
    }
    return t;
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        40,
        c -> {
          for (Loss loss : losses(c)) {
            compare(c, loss, shape(c));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> matchesOnManyElements() {
    return onEveryDevice(
        2,
        c -> {
          for (Loss loss : losses(c)) {
            compare(c, loss, Shape.of(3, 131, 127, c.oneOf(1, 2)));
          }
          compare(c, new CrossEntropy(), Shape.of(1, 2, 3, 1500));
        });
  }

  private static void compare(Case c, Loss loss, Shape shape) {
    DType truthType = c.oneOf(DType.F32, DType.U8);
    LossPlan.Key key = new LossPlan.Key(shape, truthType, loss);
    LossPlan plan = LossPlan.on(c.device(), key);
    double[] x = logits(c, shape, c.oneOf(1, 5, 40));
    double[] t = truth(c, key, truthType == DType.F32 && c.random().nextBoolean());
    double[] dLoss = c.values(ONE);
    Tensor xt = c.tensor(shape, x);
    Tensor tt = c.tensor(truthType, key.truthShape(), t);
    Tensor y = c.output(ONE);
    Tensor dx = c.output(shape);
    plan.forward(xt, tt, y);
    plan.backward(xt, tt, c.tensor(ONE, dLoss), dx);

    int channels = shape.size(-1);
    double expected = ReferenceLoss.forward(loss, channels, x, t);
    double[] expectedDx = ReferenceLoss.backward(loss, channels, x, t, dLoss[0]);
    // An overlap is one minus a quotient near one: its error is relative to one.
    assertEquals(expected, y.item(), TOLERANCE * Math.max(expected, 0.1), key::toString);
    assertClose("dx " + key, expectedDx, read(dx), TOLERANCE);
  }

  @TestFactory
  Stream<DynamicTest> keepsTheDigitsOfSmallGradients() {
    return onEveryDevice(
        1,
        c -> {
          double[] x = {-85, -50, -20, -5, 5, 20, 50, 85};
          for (Loss loss : List.of(new Bce(), new Focal(0.5f), new Focal(1), new Dice(1))) {
            for (double truth : new double[] {0, 1}) {
              double[] t = new double[x.length];
              Arrays.fill(t, truth);
              double[] dx = gradient(c, loss, x, t);
              double[] expected = ReferenceLoss.backward(loss, 1, x, t, 1);
              for (int i = 0; i < x.length; i++) {
                double allowed = TOLERANCE * Math.abs(expected[i]) + Float.MIN_NORMAL;
                assertEquals(expected[i], dx[i], allowed, loss + " at " + x[i]);
              }
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> isStableForLargeLogits() {
    return onEveryDevice(
        1,
        c -> {
          double[] x = {-100, 100, -100, 100, -1e4, 1e4, -1e30, 1e30};
          double[] right = {0, 1, 0, 1, 0, 1, 0, 1};
          double[] wrong = {1, 0, 1, 0, 1, 0, 1, 0};
          double[] both = {0, 1, 1, 0, 0, 1, 1, 0};
          for (Loss loss : losses(c)) {
            if (loss instanceof CrossEntropy) {
              continue;
            }
            assertEquals(0, loss(c, loss, x, right), 1e-7, loss::toString);
            for (double[] t : List.of(right, wrong, both)) {
              double y = loss(c, loss, x, t);
              assertTrue(y >= 0 && Double.isFinite(y), () -> loss + " is " + y);
              for (double d : gradient(c, loss, x, t)) {
                assertTrue(Double.isFinite(d), () -> loss + " has the gradient " + d);
              }
            }
          }
          double[] bce = gradient(c, new Bce(), x, wrong);
          assertClose("bce", new double[] {-1, 1, -1, 1, -1, 1, -1, 1}, times(8, bce), TOLERANCE);
          assertEquals(100, loss(c, new Bce(), new double[] {100, -100}, new double[] {0, 1}));
        });
  }

  @TestFactory
  Stream<DynamicTest> crossEntropyIsStableForLargeLogits() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(1, 1, 2, 3);
          double[] x = {100, -100, 0, 1e30, -1e30, 0};
          LossPlan plan =
              LossPlan.on(c.device(), new LossPlan.Key(shape, DType.U8, new CrossEntropy()));
          Tensor t = c.tensor(DType.U8, Shape.of(1, 1, 2, 1), new double[] {1, 0});
          Tensor y = c.output(ONE);
          Tensor dx = c.output(shape);
          plan.forward(c.tensor(shape, x), t, y);
          plan.backward(c.tensor(shape, x), t, c.tensor(ONE, new double[] {2}), dx);
          assertEquals(100, y.item());
          assertClose("dx", new double[] {1, -1, 0, 0, 0, 0}, read(dx), TOLERANCE);
        });
  }

  /** Numbers as in the text books: p = ½ everywhere and half of the truth set. */
  @TestFactory
  Stream<DynamicTest> hasTheKnownValues() {
    return onEveryDevice(
        1,
        c -> {
          double[] x = {0, 0, 0, 0};
          double[] t = {1, 1, 0, 0};
          assertEquals(1 - 3 / 5.0, loss(c, new Dice(1), x, t), 1e-7);
          assertEquals(1 - 2 / 4.0, loss(c, new Jaccard(1), x, t), 1e-7);
          assertEquals(1 - 2 / 3.0, loss(c, new Tversky(0.3f, 0.7f, 1), x, t), 1e-7);
          assertEquals(Math.log(2), loss(c, new Bce(), x, t), 1e-7);
          assertEquals(Math.log(2) + 0.4, loss(c, new BceDice(1), x, t), 1e-7);
          assertEquals(Math.log(2) / 4, loss(c, new Focal(2), x, t), 1e-7);
        });
  }

  @TestFactory
  Stream<DynamicTest> weighsFalsePositivesWithAlpha() {
    return onEveryDevice(
        1,
        c -> {
          double[] x = {100, 100, -100};
          double[] t = {1, 0, 0};
          assertEquals(1 - 2 / 2.25, loss(c, new Tversky(0.25f, 0.75f, 1), x, t), 1e-7);
        });
  }

  @TestFactory
  Stream<DynamicTest> readsViews() {
    return onEveryDevice(
        4,
        c -> {
          Shape all = Shape.of(3, 5, 7, 3);
          Shape one = all.with(0, 1);
          for (Loss loss : losses(c)) {
            LossPlan.Key key = new LossPlan.Key(one, DType.U8, loss);
            LossPlan plan = LossPlan.on(c.device(), key);
            Tensor x = c.tensor(all, c.values(all)).slice(1, 2);
            Tensor t =
                c.tensor(
                        DType.U8,
                        key.truthShape().with(0, 3),
                        truth(c, new LossPlan.Key(all, DType.U8, loss), false))
                    .slice(1, 2);
            Tensor y = c.output(Shape.of(3)).slice(1, 2);
            Tensor wholeDx = c.output(all);
            plan.forward(x, t, y);
            plan.backward(x, t, c.tensor(ONE, new double[] {1}), wholeDx.slice(1, 2));
            assertEquals(
                ReferenceLoss.forward(loss, 3, read(x), read(t)), y.item(), 1e-6, key::toString);
            assertClose(
                "dx " + key,
                ReferenceLoss.backward(loss, 3, read(x), read(t), 1),
                read(wholeDx.slice(1, 2)),
                TOLERANCE);
            assertTrue(Double.isNaN(read(wholeDx)[104]) && Double.isNaN(read(wholeDx)[210]));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> givesTheSameBitsAgain() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 200, 201, 1);
          double[] x = c.values(shape);
          for (Loss loss : losses(c)) {
            double[] t = truth(c, new LossPlan.Key(shape, DType.U8, loss), false);
            for (int i = 0; i < 3; i++) {
              assertEquals(loss(c, loss, x, t), loss(c, loss, x, t), loss::toString);
              assertSame("dx", gradient(c, loss, x, t), gradient(c, loss, x, t));
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        10,
        c -> {
          for (Loss loss : losses(c)) {
            Shape shape = shape(c);
            int channels = shape.size(-1);
            double[] x = logits(c, shape, c.oneOf(1, 3));
            double[] t = truth(c, new LossPlan.Key(shape, DType.F32, loss), true);
            double[] dLoss = c.values(ONE);
            FiniteDifferences.check(
                loss + " dx",
                v -> new double[] {ReferenceLoss.forward(loss, channels, v, t)},
                x,
                dLoss,
                ReferenceLoss.backward(loss, channels, x, t, dLoss[0]));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        1,
        c -> {
          double[] x = {1, -2, Double.NaN, 3};
          double[] t = {0, 0, 0, 0};
          for (Loss loss : losses(c)) {
            assertTrue(Double.isNaN(loss(c, loss, x, t)), loss::toString);
            assertTrue(Double.isNaN(gradient(c, loss, x, t)[2]), loss::toString);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatIsNoClass() {
    return onEveryDevice(
        1,
        c -> {
          if (!refusesTruths(c)) {
            return;
          }
          refused("element 2 of t is 3, but the classes are 0 to 2", () -> classes(c, DType.U8, 3));
          refused("element 2 of t is 255, but", () -> classes(c, DType.U8, 255));
          refused("element 2 of t is 3.0, but", () -> classes(c, DType.F32, 3));
          refused("element 2 of t is -1.0, but", () -> classes(c, DType.F32, -1));
          refused("element 2 of t is 0.5, but", () -> classes(c, DType.F32, 0.5));
          refused("element 2 of t is NaN, but", () -> classes(c, DType.F32, Double.NaN));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatIsNoTruth() {
    return onEveryDevice(
        1,
        c -> {
          for (Loss loss : losses(c)) {
            if (loss instanceof CrossEntropy || !refusesTruths(c)) {
              continue;
            }
            refused("element 70001 of t is 255, but", () -> truth(c, loss, DType.U8, 255));
            refused("divide a mask of 0 and 255 by 255", () -> truth(c, loss, DType.U8, 2));
            refused("element 70001 of t is 1.5, but", () -> truth(c, loss, DType.F32, 1.5));
            refused("element 70001 of t is -1.0, but", () -> truth(c, loss, DType.F32, -1));
            refused("element 70001 of t is NaN, but", () -> truth(c, loss, DType.F32, Double.NaN));
            truth(c, loss, DType.U8, 1);
            truth(c, loss, DType.F32, 0.5);
          }
        });
  }

  /** A device that would have to be waited for gives NaN instead. */
  private static boolean refusesTruths(Case c) {
    return c.device().name().equals("cpu");
  }

  @TestFactory
  Stream<DynamicTest> givesNanForATruthThatItCannotRefuse() {
    return onEveryDevice(
        1,
        c -> {
          if (refusesTruths(c)) {
            return;
          }
          for (Loss loss : losses(c)) {
            boolean classes = loss instanceof CrossEntropy;
            for (double wrong : new double[] {classes ? 3 : 2, 255}) {
              givesNan(c, loss, DType.U8, wrong);
            }
            for (double wrong : new double[] {-1, classes ? 0.5 : 1.5, 1e30, Double.NaN}) {
              givesNan(c, loss, DType.F32, wrong);
            }
          }
        });
  }

  /** NaN is the loss, and the gradients of the third pixel. */
  private static void givesNan(Case c, Loss loss, DType type, double wrong) {
    Shape shape = Shape.of(1, 2, 2, 3);
    LossPlan.Key key = new LossPlan.Key(shape, type, loss);
    LossPlan plan = LossPlan.on(c.device(), key);
    Tensor x = c.tensor(shape, c.values(shape));
    double[] truth = new double[(int) key.truthShape().count()];
    int perPixel = truth.length / 4;
    Arrays.fill(truth, 2 * perPixel, 3 * perPixel, wrong);
    Tensor t = c.tensor(type, key.truthShape(), truth);
    Tensor y = c.tensor(ONE, new double[] {0});
    plan.forward(x, t, y);
    assertTrue(Double.isNaN(y.item()), () -> key + " of the truth " + wrong + " is " + y.item());
    Tensor dx = c.tensor(shape, new double[12]);
    plan.backward(x, t, c.tensor(ONE, new double[] {1}), dx);
    double[] ofThirdPixel = Arrays.copyOfRange(read(dx), 6, 9);
    assertTrue(
        Arrays.stream(ofThirdPixel).allMatch(Double::isNaN),
        () -> key + " of the truth " + wrong + " has " + Arrays.toString(ofThirdPixel));
  }

  private static void truth(Case c, Loss loss, DType type, double last) {
    Shape shape = Shape.of(1, 2, 35001, 1);
    LossPlan plan = LossPlan.on(c.device(), new LossPlan.Key(shape, type, loss));
    Tensor x = c.tensor(shape, c.values(shape));
    double[] values = new double[70002];
    values[70001] = last;
    Tensor t = c.tensor(type, shape, values);
    Tensor one = c.tensor(ONE, new double[] {1});
    Tensor dx = c.output(shape);
    try {
      plan.forward(x, t, c.output(ONE));
    } catch (IllegalArgumentException e) {
      refused(e.getMessage(), () -> plan.backward(x, t, one, dx));
      throw e;
    }
    plan.backward(x, t, one, dx);
  }

  private static void classes(Case c, DType type, double third) {
    Shape shape = Shape.of(1, 2, 2, 3);
    LossPlan plan = LossPlan.on(c.device(), new LossPlan.Key(shape, type, new CrossEntropy()));
    Tensor x = c.tensor(shape, c.values(shape));
    Tensor t = c.tensor(type, Shape.of(1, 2, 2, 1), new double[] {0, 2, third, third});
    refused("element 2 of t is", () -> plan.backward(x, t, c.output(ONE), c.output(shape)));
    plan.forward(x, t, c.output(ONE));
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(1, 4, 4, 2);
          LossPlan plan = LossPlan.on(c.device(), new LossPlan.Key(shape, DType.F32, new Dice(1)));
          Tensor x = c.output(shape);
          Tensor y = c.output(ONE);
          refused("x is null", () -> plan.forward(null, x, y));
          refused("t is null", () -> plan.forward(x, null, y));
          refused("loss is null", () -> plan.forward(x, x, null));
          refused("t must be F32", () -> plan.forward(x, c.output(DType.U8, shape), y));
          refused("x must have the shape [1, 4, 4, 2]", () -> plan.forward(y, x, y));
          refused("loss must have the shape [1]", () -> plan.forward(x, x, x));
          refused("dLoss is null", () -> plan.backward(x, x, null, x));
          refused("dx is null", () -> plan.backward(x, x, y, null));
          LossPlan classes =
              LossPlan.on(c.device(), new LossPlan.Key(shape, DType.F32, new CrossEntropy()));
          refused("t must have the shape [1, 4, 4, 1]", () -> classes.forward(x, x, y));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(x, x, y));
        });
  }

  @Test
  void refusesImpossibleParameters() {
    refused("dice loss: smooth must be finite and not negative, but is -1.0", () -> new Dice(-1));
    refused("smooth must be", () -> new BceDice(Float.NaN));
    refused("smooth must be", () -> new Jaccard(Float.POSITIVE_INFINITY));
    refused("alpha must be", () -> new Tversky(-0.1f, 1, 1));
    refused("beta must be", () -> new Tversky(1, -0.1f, 1));
    refused("gamma must be", () -> new Focal(-2));
    refused(
        "the truth must be F32 or U8, but is BF16",
        () -> new LossPlan.Key(ONE, DType.BF16, new Bce()));
  }

  private static double loss(Case c, Loss loss, double[] x, double[] t) {
    Shape shape = Shape.of(1, 1, x.length, 1);
    Tensor y = c.output(ONE);
    LossPlan.on(c.device(), new LossPlan.Key(shape, DType.F32, loss))
        .forward(c.tensor(shape, x), c.tensor(shape, t), y);
    return y.item();
  }

  private static double[] gradient(Case c, Loss loss, double[] x, double[] t) {
    Shape shape = Shape.of(1, 1, x.length, 1);
    Tensor dx = c.output(shape);
    LossPlan.on(c.device(), new LossPlan.Key(shape, DType.F32, loss))
        .backward(c.tensor(shape, x), c.tensor(shape, t), c.tensor(ONE, new double[] {1}), dx);
    return read(dx);
  }

  private static double[] times(double factor, double[] values) {
    return Arrays.stream(values).map(v -> factor * v).toArray();
  }
}
