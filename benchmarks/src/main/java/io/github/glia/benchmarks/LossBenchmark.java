package io.github.glia.benchmarks;

import io.github.glia.kernels.loss.LossPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import io.github.glia.unet.train.LossName;
import org.openjdk.jmh.annotations.Param;

/** The losses, of one class at 256×256. Logits are F32 in any case. */
public class LossBenchmark extends KernelBenchmark {
  @Param public LossName loss;

  @Param({"forward", "backward"})
  public String direction;

  @Override
  Work prepare() {
    Shape shape = Shape.of(batch, Layers.SIZE, Layers.SIZE, 1);
    LossPlan plan = LossPlan.on(device(), new LossPlan.Key(shape, DType.F32, loss.loss()));
    Tensor x = random(DType.F32, shape);
    Tensor truth = Tensor.zeros(device(), DType.F32, shape);
    Tensor one = Tensor.of(device(), Shape.of(1), 1);
    Tensor value = one.emptyLike();
    Tensor dx = x.emptyLike();
    return switch (direction) {
      case "forward" -> moving(() -> plan.forward(x, truth, value), plan, x, truth);
      case "backward" -> moving(() -> plan.backward(x, truth, one, dx), plan, x, truth, dx);
      default -> throw noSuchDirection(direction);
    };
  }
}
