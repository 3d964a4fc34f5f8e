package io.github.glia.kernels.conv;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.cpu.SharedMemory;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class JoinedConv2dContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static JoinedConv2dShape shape(Case c) {
    int first = c.oneOf(1, 2, 3, 5, 8, 16, 17);
    int second = c.oneOf(1, 2, 3, 7, 8, 16, 19);
    while (true) {
      try {
        Conv2dShape whole =
            new Conv2dShape(
                c.between(1, 3),
                c.between(1, 13),
                c.between(1, 13),
                first + second,
                c.oneOf(1, 2, 3, 7, 8, 16, 19),
                c.between(1, 4),
                c.between(1, 4),
                c.between(1, 3),
                c.between(1, 3),
                c.between(0, 3),
                c.between(0, 3),
                c.between(1, 2),
                c.between(1, 2),
                1);
        return new JoinedConv2dShape(whole, first);
      } catch (IllegalArgumentException kernelLargerThanImage) {
        // draw again
      }
    }
  }

  private static JoinedConv2dShape same(
      int batch, int height, int width, int first, int second, int out, int kernel) {
    Conv2dShape whole = Conv2dShape.same(batch, height, width, first + second, out, kernel);
    return new JoinedConv2dShape(whole, first);
  }

  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(60, TYPES, c -> compare(c, shape(c), false));
  }

  @TestFactory
  Stream<DynamicTest> isExactOnSmallIntegers() {
    return onEveryDevice(60, c -> compare(c, shape(c), true));
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        6,
        TYPES,
        c -> {
          int channels = c.oneOf(32, 64);
          compare(c, same(2, 24, 20, channels, channels, channels, 3), false);
          compare(c, same(1, 17, 16, channels, c.oneOf(1, channels), channels, 1), false);
        });
  }

  /** So many channels that the CPU joins the images, for Winograd's algorithm. */
  @TestFactory
  Stream<DynamicTest> matchesWithManyChannels() {
    return onEveryDevice(1, c -> compare(c, same(2, 17, 16, 128, 128, 128, 3), false));
  }

  private static void compare(Case c, JoinedConv2dShape s, boolean integers) {
    boolean hasBias = c.random().nextBoolean();
    boolean relu = c.random().nextBoolean();
    JoinedConv2dPlan plan =
        JoinedConv2dPlan.on(c.device(), new JoinedConv2dPlan.Key(s, c.type(), hasBias, relu));
    double[] a = integers ? c.integers(s.a(), 4) : c.values(s.a());
    double[] b = integers ? c.integers(s.b(), 4) : c.values(s.b());
    double[] w = integers ? c.integers(s.weights(), 4) : c.values(s.weights());
    double[] bias = !hasBias ? null : integers ? c.integers(s.bias(), 4) : c.values(s.bias());
    double[] dy = integers ? c.integers(s.output(), 4) : c.values(s.output());

    Tensor at = c.tensor(s.a(), a);
    Tensor bt = c.tensor(s.b(), b);
    Tensor wt = c.tensor(DType.F32, s.weights(), w);
    Tensor biast = hasBias ? c.tensor(DType.F32, s.bias(), bias) : null;
    Tensor dyt = c.tensor(s.output(), dy);
    Tensor y = c.output(s.output());
    Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
    Tensor yPacked = c.output(s.output());
    Tensor da = c.output(s.a());
    Tensor db = c.output(s.b());
    Tensor dw = c.output(DType.F32, s.weights());
    Tensor dbias = hasBias ? c.output(DType.F32, s.bias()) : null;
    SharedMemory.poison(c.device());
    plan.forward(at, bt, wt, biast, y);
    plan.pack(wt, packed);
    plan.forwardPacked(at, bt, packed, biast, yPacked);
    SharedMemory.poison(c.device());
    plan.backwardData(dyt, wt, da, db);
    SharedMemory.poison(c.device());
    plan.backwardWeights(at, bt, dyt, dw, dbias);

    double[] expectedY = ReferenceJoinedConv2d.forward(s, a, b, w, bias);
    if (relu) {
      for (int i = 0; i < expectedY.length; i++) {
        expectedY[i] = Math.max(0, expectedY[i]);
      }
    }
    double tolerance = integers ? 0 : c.tolerance();
    assertClose("y " + s, expectedY, read(y), tolerance);
    assertSame("packed y " + s, read(y), read(yPacked));
    List<double[]> expectedDx = ReferenceJoinedConv2d.backwardData(s, dy, w);
    assertClose("da " + s, expectedDx.get(0), read(da), tolerance);
    assertClose("db " + s, expectedDx.get(1), read(db), tolerance);
    double[] expectedDw = ReferenceJoinedConv2d.backwardWeights(s, a, b, dy);
    assertClose("dw " + s, expectedDw, read(dw), tolerance);
    if (hasBias) {
      double[] expected = ReferenceConv2d.backwardBias(s.whole(), dy);
      assertClose("dbias " + s, expected, read(dbias), tolerance);
    }
  }

  /** What nobody wants is left out, and changes nothing of the other. */
  @TestFactory
  Stream<DynamicTest> givesEitherGradientAlone() {
    return onEveryDevice(
        10,
        TYPES,
        c -> {
          JoinedConv2dShape s = shape(c);
          JoinedConv2dPlan plan =
              JoinedConv2dPlan.on(c.device(), new JoinedConv2dPlan.Key(s, c.type(), false, false));
          Tensor dy = c.tensor(s.output(), c.values(s.output()));
          Tensor w = c.tensor(DType.F32, s.weights(), c.values(s.weights()));
          Tensor da = c.output(s.a());
          Tensor db = c.output(s.b());
          Tensor daAlone = c.output(s.a());
          Tensor dbAlone = c.output(s.b());
          plan.backwardData(dy, w, da, db);
          plan.backwardData(dy, w, daAlone, null);
          plan.backwardData(dy, w, null, dbAlone);
          plan.backwardData(dy, w, null, null);
          assertSame("da " + s, read(da), read(daAlone));
          assertSame("db " + s, read(db), read(dbAlone));
        });
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          JoinedConv2dShape s = shape(c);
          double[] a = c.values(s.a());
          double[] b = c.values(s.b());
          double[] w = c.values(s.weights());
          double[] dy = c.values(s.output());
          List<double[]> dx = ReferenceJoinedConv2d.backwardData(s, dy, w);
          FiniteDifferences.check(
              "da", v -> ReferenceJoinedConv2d.forward(s, v, b, w, null), a, dy, dx.get(0));
          FiniteDifferences.check(
              "db", v -> ReferenceJoinedConv2d.forward(s, a, v, w, null), b, dy, dx.get(1));
          FiniteDifferences.check(
              "dw",
              v -> ReferenceJoinedConv2d.forward(s, a, b, v, null),
              w,
              dy,
              ReferenceJoinedConv2d.backwardWeights(s, a, b, dy));
        });
  }

  @TestFactory
  Stream<DynamicTest> passesNanOn() {
    return onEveryDevice(
        12,
        TYPES,
        c -> {
          boolean relu = c.random().nextBoolean();
          boolean inFirst = c.random().nextBoolean();
          int channels = c.oneOf(2, 16, 32);
          JoinedConv2dShape s = same(1, 5, 5, channels, channels, channels, c.oneOf(1, 3));
          JoinedConv2dPlan plan =
              JoinedConv2dPlan.on(c.device(), new JoinedConv2dPlan.Key(s, c.type(), false, relu));
          double[] a = c.values(s.a());
          double[] b = c.values(s.b());
          int centre = 12 * channels;
          (inFirst ? a : b)[centre] = Double.NaN;
          Tensor at = c.tensor(s.a(), a);
          Tensor bt = c.tensor(s.b(), b);
          Tensor wt = c.tensor(DType.F32, s.weights(), c.values(s.weights()));
          Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
          Tensor y = c.tensor(s.output(), new double[a.length]);
          Tensor yPacked = c.tensor(s.output(), new double[a.length]);
          plan.forward(at, bt, wt, null, y);
          plan.pack(wt, packed);
          plan.forwardPacked(at, bt, packed, null, yPacked);
          for (int i = centre; i < centre + channels; i++) {
            assertTrue(Double.isNaN(read(y)[i]), "y[" + i + "] of " + s);
            assertTrue(Double.isNaN(read(yPacked)[i]), "packed y[" + i + "] of " + s);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          JoinedConv2dShape s = same(1, 8, 8, 3, 2, 4, 3);
          JoinedConv2dPlan plan =
              JoinedConv2dPlan.on(c.device(), new JoinedConv2dPlan.Key(s, c.type(), true, false));
          Tensor a = c.output(s.a());
          Tensor b = c.output(s.b());
          Tensor w = c.output(s.weights());
          Tensor bias = c.output(s.bias());
          Tensor y = c.output(s.output());
          refused("a is null", () -> plan.forward(null, b, w, bias, y));
          refused("b must have the shape [1, 8, 8, 2]", () -> plan.forward(a, a, w, bias, y));
          refused("w must have the shape [4, 3, 3, 5]", () -> plan.forward(a, b, a, bias, y));
          refused("bias is null", () -> plan.forward(a, b, w, null, y));
          refused(
              "y must be F32", () -> plan.forward(a, b, w, bias, c.output(DType.U8, y.shape())));
          Tensor floats = c.output(Shape.of((int) plan.packedBytes()));
          refused("packed must be U8", () -> plan.forwardPacked(a, b, floats, bias, y));
          refused("packed is null", () -> plan.pack(w, null));
          refused("db must have the shape", () -> plan.backwardData(y, w, a, a));
          refused("dbias is null", () -> plan.backwardWeights(a, b, y, w, null));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(a, b, w, bias, y));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("channels of a must be at least 1, but is 0", () -> joined(4, 0, 1));
    refused("channels of b must be at least 1, but is 0", () -> joined(4, 4, 1));
    refused("there is one group, but there are 2", () -> joined(4, 2, 2));
  }

  private static JoinedConv2dShape joined(int channels, int first, int groups) {
    return new JoinedConv2dShape(
        new Conv2dShape(1, 8, 8, channels, 4, 3, 3, 1, 1, 1, 1, 1, 1, groups), first);
  }
}
