package io.github.glia.kernels.quantize;

import static io.github.glia.kernels.Case.read;

import io.github.glia.kernels.Implementations;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.QuantizedCase;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class QuantizeContract extends KernelContract {
  @TestFactory
  Stream<DynamicTest> matchesTheReference() {
    return onEveryDevice(
        20,
        List.of(DType.F32, DType.BF16),
        c -> {
          QuantizedCase.assumeBytes(c);
          Shape shape = Shape.of(c.between(1, 3), c.between(1, 40), c.between(1, 40));
          DType to = c.oneOf(DType.I8, DType.U8);
          double step = Math.scalb(1.0, -c.between(4, 8)); // dividing by it is exact, as are ties
          double[] x = c.values(shape);
          x[0] = 1e6;
          x[x.length - 1] = -1e6;
          QuantizePlan plan =
              QuantizePlan.on(c.device(), new QuantizePlan.Key(shape, c.type(), to));
          Tensor y = c.output(to, shape);
          plan.forward(
              c.tensor(shape, x), c.tensor(DType.F32, Shape.of(1), new double[] {step}), y);
          assertSame("y", ReferenceQuantize.forward(x, step, to), read(y));
          Implementations.assertFast(1, plan);
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatItIsNot() {
    return onEveryDevice(
        1,
        c -> {
          Shape shape = Shape.of(4);
          refused(
              "it is from numbers to bytes", () -> new QuantizePlan.Key(shape, DType.U8, DType.I8));
          QuantizePlan.Key key = new QuantizePlan.Key(shape, DType.F32, DType.I8);
          if (!c.device().computes(DType.I8)) {
            refused("does not compute in I8", () -> QuantizePlan.on(c.device(), key));
            return;
          }
          QuantizePlan plan = QuantizePlan.on(c.device(), key);
          Tensor x = c.output(shape);
          Tensor step = c.output(Shape.of(1));
          refused("y must be I8", () -> plan.forward(x, step, c.output(DType.U8, shape)));
          refused("step must have the shape", () -> plan.forward(x, x, x));
        });
  }
}
