package io.github.glia.kernels.conv;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Checks what a plan is called with. */
record JoinedConv2dArguments(JoinedConv2dPlan.Key key, String device) {
  void forward(Tensor a, Tensor b, Tensor w, Tensor bias, Tensor y) {
    check("forward", "w", w, DType.F32, key.shape().weights());
    images("forward", a, b);
    results(bias, y);
  }

  void forwardPacked(Tensor a, Tensor b, Tensor packed, long packedBytes, Tensor bias, Tensor y) {
    packed("forward", packed, packedBytes);
    images("forward", a, b);
    results(bias, y);
  }

  void pack(Tensor w, Tensor packed, long packedBytes) {
    check("pack", "w", w, DType.F32, key.shape().weights());
    packed("pack", packed, packedBytes);
  }

  void backwardData(Tensor dy, Tensor w, Tensor da, Tensor db) {
    check("backwardData", "dy", dy, key.type(), key.shape().output());
    check("backwardData", "w", w, DType.F32, key.shape().weights());
    if (da != null) {
      check("backwardData", "da", da, key.type(), key.shape().a());
    }
    if (db != null) {
      check("backwardData", "db", db, key.type(), key.shape().b());
    }
  }

  void backwardWeights(Tensor a, Tensor b, Tensor dy, Tensor dw, Tensor dbias) {
    images("backwardWeights", a, b);
    check("backwardWeights", "dy", dy, key.type(), key.shape().output());
    check("backwardWeights", "dw", dw, DType.F32, key.shape().weights());
    bias("backwardWeights", "dbias", dbias);
  }

  private void images(String direction, Tensor a, Tensor b) {
    check(direction, "a", a, key.type(), key.shape().a());
    check(direction, "b", b, key.type(), key.shape().b());
  }

  private void results(Tensor bias, Tensor y) {
    bias("forward", "bias", bias);
    check("forward", "y", y, key.type(), key.shape().output());
  }

  private void packed(String direction, Tensor packed, long bytes) {
    check(direction, "packed", packed, DType.U8, Shape.of(Math.toIntExact(bytes)));
  }

  private void bias(String direction, String argument, Tensor t) {
    Check.bias("joined conv2d " + direction, argument, t, device, key.bias(), key.shape().bias());
  }

  private void check(String direction, String argument, Tensor t, DType dtype, Shape shape) {
    Check.tensor("joined conv2d " + direction, argument, t, device, dtype, shape);
  }
}
