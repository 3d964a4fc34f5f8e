package io.github.glia.kernels.conv;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan is called with; its shapes are made once. */
final class JoinedConv2dArguments {
  private static final String OPERATION = "joined conv2d";

  private final JoinedConv2dPlan.Key key;
  private final String device;
  private final Shape ofA;
  private final Shape ofB;
  private final Shape output;
  private final Shape weights;
  private final Shape ofBias;
  private Shape ofPacked;

  JoinedConv2dArguments(JoinedConv2dPlan.Key key, String device) {
    this.key = key;
    this.device = device;
    ofA = key.shape().a();
    ofB = key.shape().b();
    output = key.shape().output();
    weights = key.shape().weights();
    ofBias = key.shape().bias();
  }

  void forward(Tensor a, Tensor b, Tensor w, Tensor bias, Tensor y) {
    check("forward", "w", w, DType.F32, weights);
    images("forward", a, b);
    results(bias, y);
  }

  void forwardPacked(Tensor a, Tensor b, Tensor packed, long packedBytes, Tensor bias, Tensor y) {
    packed("forward", packed, packedBytes);
    images("forward", a, b);
    results(bias, y);
  }

  void pack(Tensor w, Tensor packed, long packedBytes) {
    check("pack", "w", w, DType.F32, weights);
    packed("pack", packed, packedBytes);
  }

  void backwardData(Tensor dy, Tensor w, Tensor da, Tensor db) {
    check("backwardData", "dy", dy, key.type(), output);
    check("backwardData", "w", w, DType.F32, weights);
    if (da != null) {
      check("backwardData", "da", da, key.type(), ofA);
    }
    if (db != null) {
      check("backwardData", "db", db, key.type(), ofB);
    }
  }

  void backwardWeights(Tensor a, Tensor b, Tensor dy, Tensor dw, Tensor dbias) {
    images("backwardWeights", a, b);
    check("backwardWeights", "dy", dy, key.type(), output);
    check("backwardWeights", "dw", dw, DType.F32, weights);
    bias("backwardWeights", "dbias", dbias);
  }

  private void images(String direction, Tensor a, Tensor b) {
    check(direction, "a", a, key.type(), ofA);
    check(direction, "b", b, key.type(), ofB);
  }

  private void results(Tensor bias, Tensor y) {
    bias("forward", "bias", bias);
    check("forward", "y", y, key.type(), output);
  }

  private void packed(String direction, Tensor packed, long bytes) {
    if (ofPacked == null) {
      ofPacked = Shape.of(Math.toIntExact(bytes));
    }
    check(direction, "packed", packed, DType.U8, ofPacked);
  }

  private void bias(String direction, String argument, Tensor t) {
    Check.bias(OPERATION, direction, argument, t, device, key.bias(), ofBias);
  }

  private void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor(OPERATION, direction, argument, t, device, dtype, shape);
  }
}
