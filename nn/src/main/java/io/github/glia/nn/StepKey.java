package io.github.glia.nn;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * What a recorded step is good for: inputs like these, and a network whose values are at these
 * addresses, with these parameters trained. Compared in place, since that is done at each step.
 */
final class StepKey {
  private final List<Parameter> parameters;
  private final float multiple;
  private final Shape[] shapes;
  private final DType[] types;
  private final long[] addresses;
  private final boolean[] trained;

  StepKey(List<Parameter> parameters, float multiple, Tensor... inputs) {
    this.parameters = parameters;
    this.multiple = multiple;
    shapes = new Shape[inputs.length];
    types = new DType[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      shapes[i] = inputs[i].shape();
      types[i] = inputs[i].dtype();
    }
    addresses = new long[parameters.size()];
    trained = new boolean[parameters.size()];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = parameters.get(i).value().address();
      trained[i] = parameters.get(i).isTrained();
    }
  }

  boolean fits(float otherMultiple, Tensor... inputs) {
    return otherMultiple == multiple && fitsInputs(inputs) && fitsNetwork();
  }

  private boolean fitsInputs(Tensor... inputs) {
    boolean fits = inputs.length == shapes.length;
    for (int i = 0; fits && i < shapes.length; i++) {
      fits = inputs[i].dtype() == types[i] && inputs[i].shape().equals(shapes[i]);
    }
    return fits;
  }

  private boolean fitsNetwork() {
    boolean fits = true;
    for (int i = 0; fits && i < addresses.length; i++) {
      Parameter parameter = parameters.get(i);
      fits = parameter.value().address() == addresses[i] && parameter.isTrained() == trained[i];
    }
    return fits;
  }
}
