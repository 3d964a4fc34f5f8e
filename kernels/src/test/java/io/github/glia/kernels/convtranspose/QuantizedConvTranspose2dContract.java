package io.github.glia.kernels.convtranspose;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.QuantizedCase;
import io.github.glia.tensor.DType;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class QuantizedConvTranspose2dContract extends KernelContract {
  private static ConvTranspose2dShape shape(Case c) {
    int kernelHeight = c.between(1, 4);
    int kernelWidth = c.between(1, 4);
    while (true) {
      try {
        return new ConvTranspose2dShape(
            c.between(1, 3),
            c.between(1, 9),
            c.between(1, 9),
            c.oneOf(1, 2, 3, 8, 16, 17),
            c.oneOf(1, 2, 3, 8, 16, 19),
            kernelHeight,
            kernelWidth,
            c.between(1, Math.min(3, kernelHeight)),
            c.between(1, Math.min(3, kernelWidth)),
            c.between(0, 1),
            c.between(0, 1),
            0,
            0);
      } catch (IllegalArgumentException nothingLeft) {
        // draw again
      }
    }
  }

  private static QuantizedConvTranspose2dPlan.Key key(Case c, ConvTranspose2dShape shape) {
    return new QuantizedConvTranspose2dPlan.Key(
        shape, c.oneOf(DType.I8, DType.U8), c.oneOf(DType.I8, DType.F32));
  }

  private static void compare(Case c, QuantizedConvTranspose2dPlan.Key key, boolean exact) {
    ConvTranspose2dShape s = key.shape();
    QuantizedCase q =
        exact
            ? QuantizedCase.exact(c, s.input(), s.weights(), s.bias(), key.input(), key.output())
            : QuantizedCase.usual(c, s.input(), s.weights(), s.bias(), key.input(), key.output());
    double[] expected = ReferenceQuantizedConvTranspose2d.forward(key, q.x, q.w, q.scale, q.bias);
    QuantizedConvTranspose2dPlan plan = QuantizedConvTranspose2dPlan.on(c.device(), key);
    double[] actual = q.run(plan, s.input(), s.weights(), s.bias(), s.output());
    if (exact) {
      assertSame("y " + key, expected, actual);
    } else {
      q.assertNear("y " + key, expected, actual);
    }
  }

  @TestFactory
  Stream<DynamicTest> isExactWhereScalesArePowersOfTwo() {
    return onEveryDevice(
        60,
        c -> {
          QuantizedCase.assumeBytes(c);
          compare(c, key(c, shape(c)), true);
        });
  }

  @TestFactory
  Stream<DynamicTest> matchesOnTheShapesOfTheUNet() {
    return onEveryDevice(
        6,
        c -> {
          QuantizedCase.assumeBytes(c);
          int channels = c.oneOf(32, 64);
          compare(
              c,
              key(c, ConvTranspose2dShape.upscaling(2, 12, 10, 2 * channels, channels, 2)),
              false);
        });
  }

  @TestFactory
  Stream<DynamicTest> runsNoReferenceImplementation() {
    return onEveryDevice(
        1,
        c -> {
          QuantizedCase.assumeBytes(c);
          for (int level = 0; level < 4; level++) {
            int channels = 256 >> level;
            ConvTranspose2dShape s =
                ConvTranspose2dShape.upscaling(
                    1, 16 << level, 16 << level, 2 * channels, channels, 2);
            QuantizedConvTranspose2dPlan plan =
                QuantizedConvTranspose2dPlan.on(
                    c.device(), new QuantizedConvTranspose2dPlan.Key(s, DType.I8, DType.I8));
            plan.packedBytes();
            Implementations.assertFast(2, plan);
          }
        });
  }

  @Test
  void pixelsThatAreMadeOfNoneAreRefused() {
    refusedInBytes(new ConvTranspose2dShape(1, 3, 3, 1, 1, 3, 3, 2, 2, 1, 1, 1, 0));
    refusedInBytes(new ConvTranspose2dShape(1, 3, 3, 1, 1, 1, 3, 2, 2, 0, 0, 0, 0));
  }

  private static void refusedInBytes(ConvTranspose2dShape s) {
    refused(
        "there must be no output padding, and no stride larger than the kernel",
        () -> new QuantizedConvTranspose2dPlan.Key(s, DType.I8, DType.I8));
  }

  @TestFactory
  Stream<DynamicTest> isRefusedWhereBytesAreNotMultiplied() {
    return onEveryDevice(
        1,
        c -> {
          if (!c.device().computes(DType.I8)) {
            QuantizedConvTranspose2dPlan.Key key = key(c, shape(c));
            refused(
                "does not compute in I8", () -> QuantizedConvTranspose2dPlan.on(c.device(), key));
          }
        });
  }
}
