package io.github.glia.nn;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * What a recorded step is good for: inputs like these, and a network of which what the recording
 * has inside is as it was. Compared in place, since that is done at each step.
 */
final class StepKey {
  private final Network network;
  private final float multiple;
  private final Device[] devices;
  private final DType[] types;
  private final Shape[] shapes;

  /** What a recording has inside of a network. */
  interface Network {
    boolean isAsItWas();

    default Network and(Network other) {
      return () -> isAsItWas() && other.isAsItWas();
    }
  }

  /** What layers compute besides their parameters. */
  static Network behaving(List<Layer> layers) {
    long before = changes(layers);
    return () -> changes(layers) == before;
  }

  private static long changes(List<Layer> layers) {
    long changes = 0; // they only grow, and so does their sum
    for (int i = 0; i < layers.size(); i++) {
      changes += layers.get(i).behaviourChanges();
    }
    return changes;
  }

  /** That the parameters' values are at these addresses, and which of them are trained. */
  static Network trained(List<Parameter> parameters) {
    long[] addresses = parameters.stream().mapToLong(p -> p.value().address()).toArray();
    boolean[] trained = new boolean[addresses.length];
    for (int i = 0; i < trained.length; i++) {
      trained[i] = parameters.get(i).isTrained();
    }
    return () -> {
      boolean same = true;
      for (int i = 0; same && i < addresses.length; i++) {
        Parameter parameter = parameters.get(i);
        same = parameter.value().address() == addresses[i] && parameter.isTrained() == trained[i];
      }
      return same;
    };
  }

  /** The parameters' values themselves. No two tensors ever have the same version. */
  static Network unchanged(List<Parameter> parameters) {
    long[] versions = parameters.stream().mapToLong(p -> p.value().version()).toArray();
    return () -> {
      boolean same = true;
      for (int i = 0; same && i < versions.length; i++) {
        same = parameters.get(i).value().version() == versions[i];
      }
      return same;
    };
  }

  StepKey(Network network, float multiple, Tensor... inputs) {
    this.network = network;
    this.multiple = multiple;
    devices = new Device[inputs.length];
    types = new DType[inputs.length];
    shapes = new Shape[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      devices[i] = inputs[i].device();
      types[i] = inputs[i].dtype();
      shapes[i] = inputs[i].shape();
    }
  }

  boolean fits(float otherMultiple, Tensor... inputs) {
    return otherMultiple == multiple && fitsInputs(inputs) && fitsNetwork();
  }

  boolean fitsNetwork() {
    return network.isAsItWas();
  }

  private boolean fitsInputs(Tensor... inputs) {
    boolean fits = inputs.length == shapes.length;
    for (int i = 0; fits && i < shapes.length; i++) {
      fits =
          inputs[i].device() == devices[i]
              && inputs[i].dtype() == types[i]
              && inputs[i].shape().equals(shapes[i]);
    }
    return fits;
  }
}
