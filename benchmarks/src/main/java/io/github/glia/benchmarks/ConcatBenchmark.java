package io.github.glia.benchmarks;

import io.github.glia.kernels.concat.ConcatPlan;
import io.github.glia.kernels.concat.ConcatShape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import org.openjdk.jmh.annotations.Param;

/** The skip connections: what comes up beside what went down. */
public class ConcatBenchmark extends KernelBenchmark {
  /** CHANNELSxCHANNELS@SIZE. */
  @Param("all")
  public String join;

  @Param({"forward", "backward"})
  public String direction;

  @Override
  Work prepare() {
    int[] n = Layers.numbers(join);
    ConcatShape shape = new ConcatShape(batch, n[2], n[2], List.of(n[0], n[1]));
    ConcatPlan plan = ConcatPlan.on(device(), new ConcatPlan.Key(shape, type()));
    List<Tensor> parts = List.of(random(shape.input(0)), random(shape.input(1)));
    Tensor whole = random(shape.output());
    Runnable call =
        switch (direction) {
          case "forward" -> () -> plan.forward(parts, whole);
          case "backward" -> () -> plan.backward(whole, parts);
          default -> throw noSuchDirection(direction);
        };
    return moving(call, plan, parts.get(0), parts.get(1), whole);
  }
}
