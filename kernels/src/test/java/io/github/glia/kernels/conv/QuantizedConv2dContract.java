package io.github.glia.kernels.conv;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.QuantizedCase;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class QuantizedConv2dContract extends KernelContract {
  private static Conv2dShape shape(Case c) {
    int groups = c.oneOf(1, 1, 1, 2);
    while (true) {
      try {
        return new Conv2dShape(
            c.between(1, 4),
            c.between(1, 13),
            c.between(1, 13),
            groups * c.oneOf(1, 2, 3, 8, 16, 17),
            groups * c.oneOf(1, 2, 3, 8, 16, 19),
            c.between(1, 4),
            c.between(1, 4),
            c.between(1, 3),
            c.between(1, 3),
            c.between(0, 3),
            c.between(0, 3),
            c.between(1, 2),
            c.between(1, 2),
            groups);
      } catch (IllegalArgumentException kernelLargerThanImage) {
        // draw again
      }
    }
  }

  private static QuantizedConv2dPlan.Key key(Case c, Conv2dShape shape) {
    return new QuantizedConv2dPlan.Key(
        shape, c.oneOf(DType.I8, DType.U8), c.oneOf(DType.I8, DType.F32), c.random().nextBoolean());
  }

  private static double[] run(Case c, QuantizedConv2dPlan.Key key, QuantizedCase q) {
    Conv2dShape s = key.shape();
    return q.run(
        QuantizedConv2dPlan.on(c.device(), key), s.input(), s.weights(), s.bias(), s.output());
  }

  @TestFactory
  Stream<DynamicTest> isExactWhereScalesArePowersOfTwo() {
    return onEveryDevice(120, c -> isExact(c, shape(c)));
  }

  @TestFactory
  Stream<DynamicTest> isExactWhereImplementationsOfOneDnnAreNot() {
    return onEveryDevice(150, c -> isExact(c, UnusualConvolutions.draw(c)));
  }

  private static void isExact(Case c, Conv2dShape s) {
    QuantizedCase.assumeBytes(c);
    QuantizedConv2dPlan.Key key = key(c, s);
    QuantizedCase q =
        QuantizedCase.exact(c, s.input(), s.weights(), s.bias(), key.input(), key.output());
    double[] expected = ReferenceQuantizedConv2d.forward(key, q.x, q.w, q.scale, q.bias);
    assertSame("y " + key, expected, run(c, key, q));
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        12,
        c -> {
          QuantizedCase.assumeBytes(c);
          int channels = c.oneOf(32, 64);
          QuantizedConv2dPlan.Key key =
              key(c, Conv2dShape.same(c.between(1, 4), 12, 10, 2 * channels, channels, 3));
          Conv2dShape s = key.shape();
          QuantizedCase q =
              QuantizedCase.usual(c, s.input(), s.weights(), s.bias(), key.input(), key.output());
          double[] expected = ReferenceQuantizedConv2d.forward(key, q.x, q.w, q.scale, q.bias);
          q.assertNear("y " + key, expected, run(c, key, q));
        });
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        1,
        c -> {
          QuantizedCase.assumeBytes(c);
          for (int batch : new int[] {1, 4}) {
            isFast(c, Conv2dShape.same(batch, 32, 32, 3, 32, 3), DType.U8, DType.I8);
            isFast(c, Conv2dShape.same(batch, 32, 32, 64, 32, 3), DType.I8, DType.I8);
            isFast(c, Conv2dShape.same(batch, 32, 32, 32, 1, 1), DType.I8, DType.F32);
          }
        });
  }

  private static void isFast(Case c, Conv2dShape s, DType input, DType output) {
    QuantizedConv2dPlan plan =
        QuantizedConv2dPlan.on(c.device(), new QuantizedConv2dPlan.Key(s, input, output, true));
    plan.packedBytes();
    Implementations.assertFast(2, plan);
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatItCannotCompute() {
    return onEveryDevice(
        1,
        c -> {
          Conv2dShape s = Conv2dShape.same(1, 4, 4, 2, 3, 3);
          refused(
              "x must be I8 or U8, but is F32",
              () -> new QuantizedConv2dPlan.Key(s, DType.F32, DType.I8, false));
          refused(
              "y must be I8 or F32, but is U8",
              () -> new QuantizedConv2dPlan.Key(s, DType.I8, DType.U8, false));
          QuantizedConv2dPlan.Key key = new QuantizedConv2dPlan.Key(s, DType.I8, DType.I8, false);
          if (!c.device().computes(DType.I8)) {
            refused("does not compute in I8", () -> QuantizedConv2dPlan.on(c.device(), key));
            return;
          }
          QuantizedConv2dPlan plan = QuantizedConv2dPlan.on(c.device(), key);
          Tensor x = c.output(DType.I8, s.input());
          Tensor packed = Tensor.empty(c.device(), DType.U8, Shape.of((int) plan.packedBytes()));
          Tensor channels = c.output(s.bias());
          Tensor y = c.output(DType.I8, s.output());
          refused(
              "y must be I8",
              () -> plan.forward(x, packed, channels, channels, c.output(s.output())));
          refused("bias is null", () -> plan.forward(x, packed, channels, null, y));
          refused("w must have the shape", () -> plan.pack(channels, packed));
        });
  }
}
