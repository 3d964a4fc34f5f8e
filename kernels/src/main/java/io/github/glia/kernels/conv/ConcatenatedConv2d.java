package io.github.glia.kernels.conv;

import io.github.glia.kernels.concat.ConcatPlan;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Convolution of two images on any device: they are joined, and the result is convolved; its
 * gradient is split. For GPUs, and where {@link WinogradConv2d} saves more than the copies take.
 */
final class ConcatenatedConv2d implements JoinedConv2dPlan {
  private final Device device;
  private final Key key;
  private final boolean wantsOneImage;
  private final JoinedConv2dArguments arguments;
  private final ConcatPlan concat;
  private final Conv2dPlan convolution;

  ConcatenatedConv2d(Device device, Key key, boolean wantsOneImage) {
    this.device = device;
    this.key = key;
    this.wantsOneImage = wantsOneImage;
    arguments = new JoinedConv2dArguments(key, device.name());
    concat = ConcatPlan.on(device, new ConcatPlan.Key(key.shape().images(), key.type()));
    convolution = Conv2dPlan.on(device, key.ofBoth());
  }

  private Tensor empty() {
    return Tensor.empty(device, key.type(), key.shape().whole().input());
  }

  private Tensor joined(Tensor a, Tensor b) {
    Tensor x = empty();
    concat.forward(List.of(a, b), x);
    return x;
  }

  @Override
  public boolean wantsOneImage() {
    return wantsOneImage;
  }

  @Override
  public void forward(Tensor a, Tensor b, Tensor w, Tensor bias, Tensor y) {
    arguments.forward(a, b, w, bias, y);
    try (Scope scope = Scope.open()) {
      convolution.forward(joined(a, b), w, bias, y);
    }
  }

  @Override
  public void backwardData(Tensor dy, Tensor w, Tensor da, Tensor db) {
    arguments.backwardData(dy, w, da, db);
    if (da == null && db == null) {
      return;
    }
    try (Scope scope = Scope.open()) {
      Tensor dx = empty();
      convolution.backwardData(dy, w, dx);
      concat.backward(dx, Arrays.asList(da, db));
    }
  }

  @Override
  public void backwardWeights(Tensor a, Tensor b, Tensor dy, Tensor dw, Tensor dbias) {
    arguments.backwardWeights(a, b, dy, dw, dbias);
    try (Scope scope = Scope.open()) {
      convolution.backwardWeights(joined(a, b), dy, dw, dbias);
    }
  }

  @Override
  public long packedBytes() {
    return convolution.packedBytes();
  }

  @Override
  public void pack(Tensor w, Tensor packed) {
    arguments.pack(w, packed, packedBytes());
    convolution.pack(w, packed);
  }

  @Override
  public void forwardPacked(Tensor a, Tensor b, Tensor packed, Tensor bias, Tensor y) {
    arguments.forwardPacked(a, b, packed, packedBytes(), bias, y);
    try (Scope scope = Scope.open()) {
      convolution.forwardPacked(joined(a, b), packed, bias, y);
    }
  }

  /** What the libraries chose is told by the two plans, which are the cache's. */
  @Override
  public Map<String, String> implementations() {
    return Map.of();
  }

  /** The cache closes the two plans. */
  @Override
  public void close() {}
}
