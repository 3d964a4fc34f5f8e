package io.github.glia.benchmarks;

import io.github.glia.kernels.PackingPlan;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.conv.QuantizedConv2dPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/** Every convolution of the networks, in every direction. */
public class ConvBenchmark extends KernelBenchmark {
  /** INxOUTxKERNEL@SIZE. */
  @Param("all")
  public String conv;

  /**
   * {@code packed} is forward with bias and ReLU on weights that were packed before: inference,
   * also of bytes, {@code -p type=I8}.
   */
  @Param({"forward", "forwardBiasRelu", "packedBiasRelu", "backwardData", "backwardWeights"})
  public String direction;

  @Override
  Work prepare() {
    int[] n = Layers.numbers(conv);
    Conv2dShape shape = Conv2dShape.same(batch, n[3], n[3], n[0], n[1], n[2]);
    // The kernel of 1×1 is the networks' last, and logits are F32.
    DType output = n[2] == 1 ? DType.F32 : type();
    return type() == DType.I8 ? ofBytes(shape, output) : ofNumbers(shape, output);
  }

  private Work ofBytes(Conv2dShape shape, DType output) {
    if (!direction.equals("packedBiasRelu")) {
      throw noSuchDirection(direction + " of I8");
    }
    QuantizedConv2dPlan plan =
        QuantizedConv2dPlan.on(
            device(), new QuantizedConv2dPlan.Key(shape, DType.I8, output, true));
    Tensor x = random(shape.input());
    Tensor w = random(DType.F32, shape.weights());
    Tensor channels = random(DType.F32, shape.bias());
    Tensor y = random(output, shape.output());
    Tensor packed = packed(plan, w);
    return computing(
        () -> plan.forward(x, packed, channels, channels, y), plan, shape.flops(), x, packed, y);
  }

  private Tensor packed(PackingPlan plan, Tensor w) {
    Shape bytes = Shape.of(Math.toIntExact(plan.packedBytes()));
    Tensor packed = Tensor.empty(device(), DType.U8, bytes);
    plan.pack(w, packed);
    return packed;
  }

  private Work ofNumbers(Conv2dShape shape, DType output) {
    boolean fused = direction.endsWith("BiasRelu");
    Conv2dPlan plan =
        Conv2dPlan.on(device(), new Conv2dPlan.Key(shape, type(), output, fused, fused));
    Tensor x = random(shape.input());
    Tensor w = random(DType.F32, shape.weights());
    Tensor b = fused ? random(DType.F32, shape.bias()) : null;
    Tensor y = random(output, shape.output());
    return computing(call(plan, x, w, b, y), plan, shape.flops(), x, w, y);
  }

  /** The tensors are of forward; backward writes to its own. */
  private Runnable call(Conv2dPlan plan, Tensor x, Tensor w, Tensor b, Tensor y) {
    switch (direction) {
      case "forward", "forwardBiasRelu" -> {
        return () -> plan.forward(x, w, b, y);
      }
      case "packedBiasRelu" -> {
        Tensor packed = packed(plan, w);
        return () -> plan.forwardPacked(x, packed, b, y);
      }
      case "backwardData" -> {
        Tensor dx = x.emptyLike();
        return () -> plan.backwardData(y, w, dx);
      }
      case "backwardWeights" -> {
        Tensor dw = w.emptyLike();
        return () -> plan.backwardWeights(x, y, dw, null);
      }
      default -> throw noSuchDirection(direction);
    }
  }
}
