package io.github.glia.nn;

import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.JoinedConv2dPlan;
import io.github.glia.kernels.conv.JoinedConv2dShape;
import io.github.glia.nn.Convolution.Planned;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** The convolutions of a layer, with the plans for the images that it met last. */
final class ConvolutionPlans {
  private final int inChannels;
  private final Keys keys;
  private final Ready<Planned<Conv2dPlan>> ofOne = new Ready<>(this::planOfOne);
  private final Ready<Planned<JoinedConv2dPlan>> ofTwo = new Ready<>(this::planOfTwo);

  /** The key of a convolution of images of this shape and type. */
  interface Keys {
    Conv2dPlan.Key of(Shape x, DType type);
  }

  ConvolutionPlans(int inChannels, Keys keys) {
    this.inChannels = inChannels;
    this.keys = keys;
  }

  Convolution of(Tensor x) {
    return new Convolution.OfOne(ofOne.of(x), x);
  }

  /** The key has no groups, and one type for all images. */
  Convolution.OfTwo of(Tensor a, Tensor b) {
    return new Convolution.OfTwo(ofTwo.of(a), a, b);
  }

  private Planned<Conv2dPlan> planOfOne(Tensor x) {
    Conv2dPlan.Key key = keys.of(x.shape(), x.dtype());
    return new Planned<>(Conv2dPlan.on(x.device(), key), key);
  }

  private Planned<JoinedConv2dPlan> planOfTwo(Tensor a) {
    Conv2dPlan.Key key = keys.of(a.shape().with(3, inChannels), a.dtype());
    JoinedConv2dShape shape = new JoinedConv2dShape(key.shape(), a.shape().size(3));
    JoinedConv2dPlan.Key joined =
        new JoinedConv2dPlan.Key(shape, key.input(), key.bias(), key.relu());
    return new Planned<>(JoinedConv2dPlan.on(a.device(), joined), key);
  }
}
