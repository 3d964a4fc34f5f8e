package io.github.glia.benchmarks;

import io.github.glia.kernels.pool.MaxPool2dPlan;
import io.github.glia.kernels.pool.Pool2dShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** The poolings, 2×2, of the networks' way down. */
public class MaxPoolBenchmark extends KernelBenchmark {
  /** CHANNELS@SIZE. */
  @Param("all")
  public String pool;

  @Param({"forward", "backward"})
  public String direction;

  @Override
  Work prepare() {
    int[] n = Layers.numbers(pool);
    Pool2dShape shape = new Pool2dShape(batch, n[1], n[1], n[0], 2, 2, 2, 2, 0, 0);
    MaxPool2dPlan plan = MaxPool2dPlan.on(device(), new MaxPool2dPlan.Key(shape, type()));
    Tensor x = random(shape.input());
    Tensor y = empty(shape.output());
    Tensor indices = Tensor.empty(device(), DType.U8, plan.indices());
    plan.forward(x, y, indices);
    return switch (direction) {
      case "forward" -> moving(() -> plan.forward(x, y, indices), plan, x, y, indices);
      case "backward" -> {
        Tensor dx = x.emptyLike();
        yield moving(() -> plan.backward(y, indices, dx), plan, y, indices, dx);
      }
      default -> throw noSuchDirection(direction);
    };
  }
}
