package io.github.glia.nn;

import io.github.glia.kernels.Plan;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.JoinedConv2dPlan;
import io.github.glia.kernels.conv.JoinedConv2dShape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The convolution of one image, or of two as if they were one, with the plan that computes it. */
interface Convolution {
  /** The key of a convolution of all images as one. */
  Conv2dPlan.Key key();

  /** One image, or two, whose channels follow each other. */
  List<Tensor> images();

  Plan plan();

  void forward(Tensor w, Tensor bias, Tensor y);

  void backwardWeights(Tensor dy, Tensor dw, Tensor dbias);

  /** An entry of {@code dxs} for each image, null where nobody wants its gradient. */
  void backwardData(Tensor dy, Tensor w, List<Tensor> dxs);

  long packedBytes();

  void pack(Tensor w, Tensor packed);

  void forwardPacked(Tensor packed, Tensor bias, Tensor y);

  default Tensor emptyOutput() {
    return Tensor.empty(images().get(0).device(), key().output(), key().shape().output());
  }

  static Convolution of(Conv2dPlan.Key key, Tensor x) {
    return new OfOne(key, Conv2dPlan.on(x.device(), key), x);
  }

  /** {@code key} has no groups, and one type for all images. */
  static Convolution of(Conv2dPlan.Key key, Tensor a, Tensor b) {
    JoinedConv2dShape shape = new JoinedConv2dShape(key.shape(), a.shape().size(3));
    JoinedConv2dPlan.Key joined =
        new JoinedConv2dPlan.Key(shape, key.input(), key.bias(), key.relu());
    return new OfTwo(key, JoinedConv2dPlan.on(a.device(), joined), a, b);
  }

  /** Of one image. */
  record OfOne(Conv2dPlan.Key key, Conv2dPlan plan, Tensor x) implements Convolution {
    @Override
    public List<Tensor> images() {
      return List.of(x);
    }

    @Override
    public void forward(Tensor w, Tensor bias, Tensor y) {
      plan.forward(x, w, bias, y);
    }

    @Override
    public void backwardWeights(Tensor dy, Tensor dw, Tensor dbias) {
      plan.backwardWeights(x, dy, dw, dbias);
    }

    @Override
    public void backwardData(Tensor dy, Tensor w, List<Tensor> dxs) {
      if (dxs.get(0) != null) {
        plan.backwardData(dy, w, dxs.get(0));
      }
    }

    @Override
    public long packedBytes() {
      return plan.packedBytes();
    }

    @Override
    public void pack(Tensor w, Tensor packed) {
      plan.pack(w, packed);
    }

    @Override
    public void forwardPacked(Tensor packed, Tensor bias, Tensor y) {
      plan.forwardPacked(x, packed, bias, y);
    }
  }

  /** Of two images. */
  record OfTwo(Conv2dPlan.Key key, JoinedConv2dPlan plan, Tensor a, Tensor b)
      implements Convolution {
    @Override
    public List<Tensor> images() {
      return List.of(a, b);
    }

    @Override
    public void forward(Tensor w, Tensor bias, Tensor y) {
      plan.forward(a, b, w, bias, y);
    }

    @Override
    public void backwardWeights(Tensor dy, Tensor dw, Tensor dbias) {
      plan.backwardWeights(a, b, dy, dw, dbias);
    }

    @Override
    public void backwardData(Tensor dy, Tensor w, List<Tensor> dxs) {
      plan.backwardData(dy, w, dxs.get(0), dxs.get(1));
    }

    @Override
    public long packedBytes() {
      return plan.packedBytes();
    }

    @Override
    public void pack(Tensor w, Tensor packed) {
      plan.pack(w, packed);
    }

    @Override
    public void forwardPacked(Tensor packed, Tensor bias, Tensor y) {
      plan.forwardPacked(a, b, packed, bias, y);
    }
  }
}
