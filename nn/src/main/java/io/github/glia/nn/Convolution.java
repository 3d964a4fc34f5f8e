package io.github.glia.nn;

import io.github.glia.kernels.Plan;
import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.JoinedConv2dPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** The convolution of one image, or of two as if they were one, with the plan that computes it. */
interface Convolution extends PackedConv.Source {
  void forward(Tensor w, Tensor bias, Tensor y);

  void backwardWeights(Tensor dy, Tensor dw, Tensor dbias);

  /** An entry of {@code dxs} for each image, null where nobody wants its gradient. */
  void backwardData(Tensor dy, Tensor w, List<Tensor> dxs);

  /** A plan, and type and shape of what it computes. */
  record Planned<P extends Plan>(P plan, DType type, Shape output) {
    Planned(P plan, Conv2dPlan.Key key) {
      this(plan, key.output(), key.shape().output());
    }

    Tensor emptyOutput(Device device) {
      return Tensor.empty(device, type, output);
    }
  }

  /** Of one image. */
  record OfOne(Planned<Conv2dPlan> planned, Tensor x) implements Convolution {
    @Override
    public Conv2dPlan plan() {
      return planned.plan();
    }

    @Override
    public Tensor emptyOutput() {
      return planned.emptyOutput(x.device());
    }

    @Override
    public List<Tensor> images() {
      return List.of(x);
    }

    @Override
    public void forward(Tensor w, Tensor bias, Tensor y) {
      plan().forward(x, w, bias, y);
    }

    @Override
    public void backwardWeights(Tensor dy, Tensor dw, Tensor dbias) {
      plan().backwardWeights(x, dy, dw, dbias);
    }

    @Override
    public void backwardData(Tensor dy, Tensor w, List<Tensor> dxs) {
      if (dxs.get(0) != null) {
        plan().backwardData(dy, w, dxs.get(0));
      }
    }

    @Override
    public void forwardPacked(Tensor packed, Tensor bias, Tensor y) {
      plan().forwardPacked(x, packed, bias, y);
    }
  }

  /** Of two images. */
  record OfTwo(Planned<JoinedConv2dPlan> planned, Tensor a, Tensor b) implements Convolution {
    @Override
    public JoinedConv2dPlan plan() {
      return planned.plan();
    }

    @Override
    public Tensor emptyOutput() {
      return planned.emptyOutput(a.device());
    }

    @Override
    public List<Tensor> images() {
      return List.of(a, b);
    }

    @Override
    public void forward(Tensor w, Tensor bias, Tensor y) {
      plan().forward(a, b, w, bias, y);
    }

    @Override
    public void backwardWeights(Tensor dy, Tensor dw, Tensor dbias) {
      plan().backwardWeights(a, b, dy, dw, dbias);
    }

    @Override
    public void backwardData(Tensor dy, Tensor w, List<Tensor> dxs) {
      plan().backwardData(dy, w, dxs.get(0), dxs.get(1));
    }

    @Override
    public void forwardPacked(Tensor packed, Tensor bias, Tensor y) {
      plan().forwardPacked(a, b, packed, bias, y);
    }
  }
}
