package io.github.glia.kernels.concat;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Checks what a plan is called with. */
final class ConcatArguments {
  private final ConcatPlan.Key key;
  private final String device;
  private final Shape output;
  private final Shape[] inputs;
  private final String[] xNames;
  private final String[] dxNames;

  ConcatArguments(ConcatPlan.Key key, String device) {
    this.key = key;
    this.device = device;
    ConcatShape shape = key.shape();
    output = shape.output();
    inputs = new Shape[shape.inputs()];
    xNames = new String[inputs.length];
    dxNames = new String[inputs.length];
    for (int m = 0; m < inputs.length; m++) {
      inputs[m] = shape.input(m);
      xNames[m] = "xs[" + m + "]";
      dxNames[m] = "dxs[" + m + "]";
    }
  }

  void forward(List<Tensor> xs, Tensor y) {
    count("forward", "xs", xs);
    for (int m = 0; m < xs.size(); m++) {
      check("forward", xNames[m], xs.get(m), inputs[m]);
    }
    check("forward", "y", y, output);
  }

  void backward(Tensor dy, List<Tensor> dxs) {
    check("backward", "dy", dy, output);
    count("backward", "dxs", dxs);
    for (int m = 0; m < dxs.size(); m++) {
      if (dxs.get(m) != null) {
        check("backward", dxNames[m], dxs.get(m), inputs[m]);
      }
    }
  }

  private void count(String direction, String argument, List<Tensor> tensors) {
    if (tensors == null) {
      throw Check.failed("concat " + direction, argument + " is null");
    }
    if (tensors.size() != inputs.length) {
      throw Check.failed(
          "concat " + direction,
          argument + " must be " + inputs.length + " tensors, but are " + tensors.size());
    }
  }

  private void check(String direction, String argument, Tensor t, Shape expected) {
    Check.tensor("concat", direction, argument, t, device, key.type(), expected);
  }
}
