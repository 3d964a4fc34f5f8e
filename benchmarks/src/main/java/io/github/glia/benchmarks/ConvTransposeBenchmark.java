package io.github.glia.benchmarks;

import io.github.glia.kernels.convtranspose.ConvTranspose2dPlan;
import io.github.glia.kernels.convtranspose.ConvTranspose2dShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** The transposed convolutions, 2×2, of the networks' way up. */
public class ConvTransposeBenchmark extends KernelBenchmark {
  /** INxOUT@SIZE, the size being that of the input. */
  @Param("all")
  public String up;

  @Param({"forward", "backwardData", "backwardWeights"})
  public String direction;

  @Override
  Work prepare() {
    int[] n = Layers.numbers(up);
    ConvTranspose2dShape shape = ConvTranspose2dShape.upscaling(batch, n[2], n[2], n[0], n[1], 2);
    ConvTranspose2dPlan plan =
        ConvTranspose2dPlan.on(device(), new ConvTranspose2dPlan.Key(shape, type(), true));
    Tensor x = random(shape.input());
    Tensor w = random(DType.F32, shape.weights());
    Tensor b = random(DType.F32, shape.bias());
    Tensor y = random(shape.output());
    return computing(call(plan, x, w, b, y), plan, shape.flops(), x, w, y);
  }

  private Runnable call(ConvTranspose2dPlan plan, Tensor x, Tensor w, Tensor b, Tensor y) {
    switch (direction) {
      case "forward" -> {
        return () -> plan.forward(x, w, b, y);
      }
      case "backwardData" -> {
        Tensor dx = x.emptyLike();
        return () -> plan.backwardData(y, w, dx);
      }
      case "backwardWeights" -> {
        Tensor dw = w.emptyLike();
        Tensor db = b.emptyLike();
        return () -> plan.backwardWeights(x, y, dw, db);
      }
      default -> throw noSuchDirection(direction);
    }
  }
}
