package io.github.glia.kernels.cast;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FlatShapes;
import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class CastContract extends KernelContract {
  private static final List<DType> FLOATING = List.of(DType.F32, DType.BF16, DType.F16);

  private static CastPlan plan(Case c, Shape shape, DType from, DType to) {
    return CastPlan.on(c.device(), new CastPlan.Key(shape, from, to));
  }

  @TestFactory
  Stream<DynamicTest> isExactFromNumbersToEveryFloatingType() {
    return onEveryDevice(
        30,
        c -> {
          Shape shape = FlatShapes.any(c);
          for (DType from : List.of(DType.F32, DType.BF16, DType.F16, DType.U8)) {
            for (DType to : FLOATING) {
              double[] x = c.values(shape, from);
              Tensor y = c.output(to, shape);
              plan(c, shape, from, to).forward(c.tensor(from, shape, x), y);
              assertSame(from + " to " + to, ReferenceCast.forward(to, x), read(y));
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> keepsEveryByte() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(256);
          double[] bytes = new double[256];
          for (int i = 0; i < 256; i++) {
            bytes[i] = i;
          }
          for (DType to : FLOATING) {
            Tensor y = c.output(to, shape);
            plan(c, shape, DType.U8, to).forward(c.tensor(DType.U8, shape, bytes), y);
            assertSame("U8 to " + to, bytes, read(y));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> roundsToEvenAndPassesNanAndInfinityOn() {
    return onEveryDevice(
        1,
        c -> {
          double[] x = {
            1 + 1 / 256.0, // between two BF16
            1 + 3 / 256.0,
            1 + 1 / 2048.0, // between two F16
            1 + 3 / 2048.0,
            -1e-3,
            1e30,
            65519,
            65520,
            Float.MAX_VALUE,
            -0.0,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY
          };
          Shape shape = Shape.of(x.length);
          for (DType from : FLOATING) {
            for (DType to : FLOATING) {
              Tensor source = c.tensor(from, shape, x);
              Tensor y = c.tensor(to, shape, new double[x.length]);
              plan(c, shape, from, to).forward(source, y);
              assertArrayEquals(
                  ReferenceCast.forward(to, read(source)), read(y), 0, from + " to " + to);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> isFastOnTheShapesOfTheUNet() {
    return onEveryDevice(
        1,
        c -> {
          for (Shape shape : List.of(Shape.of(4, 256, 256, 32), Shape.of(1, 9, 7, 3))) {
            for (DType from : List.of(DType.F32, DType.BF16, DType.U8)) {
              for (DType to : List.of(DType.F32, DType.BF16)) {
                try (Tensor x = Tensor.zeros(c.device(), from, shape);
                    Tensor y = Tensor.empty(c.device(), to, shape)) {
                  plan(c, shape, from, to).forward(x, y);
                }
                Implementations.assertFast(1, plan(c, shape, from, to));
              }
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(2, 3);
          for (DType to : List.of(DType.F32, DType.F16)) {
            CastPlan plan = plan(c, shape, DType.BF16, to);
            Tensor x = c.output(DType.BF16, shape);
            Tensor y = c.output(to, shape);
            refused("cast: x is null", () -> plan.forward(null, y));
            refused("x must be BF16", () -> plan.forward(y, y));
            refused("y must be " + to, () -> plan.forward(x, x));
            refused(
                "y must have the shape [2, 3]",
                () -> plan.forward(x, c.output(to, Shape.of(3, 2))));
            refused("y is null", () -> plan.forward(x, null));
            x.close();
            assertThrows(IllegalStateException.class, () -> plan.forward(x, y));
          }
        });
  }

  @Test
  void refusesToCastToBytes() {
    refused(
        "the type to cast to must be floating, but is U8",
        () -> new CastPlan.Key(Shape.of(1), DType.F32, DType.U8));
    refused("I8 are multiples of a step", () -> new CastPlan.Key(Shape.of(1), DType.I8, DType.F32));
  }
}
