package io.github.glia.kernels.conv;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan is called with; its shapes are made once. */
final class Conv2dArguments {
  private static final String OPERATION = "conv2d";

  private final Conv2dPlan.Key key;
  private final String device;
  private final Shape input;
  private final Shape output;
  private final Shape weights;
  private final Shape bias;
  private Shape packed;

  Conv2dArguments(Conv2dPlan.Key key, String device) {
    this.key = key;
    this.device = device;
    input = key.shape().input();
    output = key.shape().output();
    weights = key.shape().weights();
    bias = key.shape().bias();
  }

  void forward(Tensor x, Tensor w, Tensor b, Tensor y) {
    check("forward", "w", w, DType.F32, weights);
    images(x, b, y);
  }

  void forwardPacked(Tensor x, Tensor ofWeights, long bytes, Tensor b, Tensor y) {
    packed("forward", ofWeights, bytes);
    images(x, b, y);
  }

  private void images(Tensor x, Tensor b, Tensor y) {
    check("forward", "x", x, key.input(), input);
    check("forward", "y", y, key.output(), output);
    bias("forward", "b", b);
  }

  void pack(Tensor w, Tensor ofWeights, long bytes) {
    check("pack", "w", w, DType.F32, weights);
    packed("pack", ofWeights, bytes);
  }

  void backwardData(Tensor dy, Tensor w, Tensor dx) {
    check("backwardData", "dy", dy, key.output(), output);
    check("backwardData", "w", w, DType.F32, weights);
    check("backwardData", "dx", dx, key.input(), input);
  }

  void backwardWeights(Tensor x, Tensor dy, Tensor dw, Tensor db) {
    check("backwardWeights", "x", x, key.input(), input);
    check("backwardWeights", "dy", dy, key.output(), output);
    check("backwardWeights", "dw", dw, DType.F32, weights);
    bias("backwardWeights", "db", db);
  }

  private void packed(String direction, Tensor ofWeights, long bytes) {
    if (packed == null) {
      packed = Shape.of(Math.toIntExact(bytes));
    }
    check(direction, "packed", ofWeights, DType.U8, packed);
  }

  private void bias(String direction, String argument, Tensor b) {
    Check.bias(OPERATION, direction, argument, b, device, key.bias(), bias);
  }

  private void check(String direction, String argument, Tensor t, DType type, Shape shape) {
    Check.tensor(OPERATION, direction, argument, t, device, type, shape);
  }
}
