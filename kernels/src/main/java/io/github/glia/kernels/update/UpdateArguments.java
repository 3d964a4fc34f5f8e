package io.github.glia.kernels.update;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.List;

/** Checks of what updates are called with, the same on every device. */
final class UpdateArguments {
  private UpdateArguments() {}

  static void adam(float learningRate, float gradientScale, long step) {
    Check.notNegative("adam", "learning rate", learningRate);
    Check.finite("adam", "gradient scale", gradientScale);
    if (step < 1) {
      throw Check.failed("adam", "step must be at least 1, but is " + step);
    }
  }

  static void sgd(Sgd sgd, List<Tensor> velocity, float learningRate, float gradientScale) {
    Check.notNegative("sgd", "learning rate", learningRate);
    Check.finite("sgd", "gradient scale", gradientScale);
    if (velocity != null && !sgd.hasVelocity()) {
      throw Check.failed("sgd", "without momentum velocity must be null");
    }
  }

  static void average(float decay) {
    if (!(decay >= 0 && decay <= 1)) {
      throw Check.failed("average", "decay must be from 0 to 1, but is " + decay);
    }
  }

  /**
   * Lists of tensors must be there, and tensor i of each be F32, on the device, and of one shape.
   *
   * @param first the first of the lists, or null if this is it
   */
  static void list(
      String operation, String argument, List<Tensor> tensors, List<Tensor> first, String device) {
    if (tensors == null) {
      throw Check.failed(operation, argument + " is null");
    }
    List<Tensor> like = first == null ? tensors : first;
    if (tensors.size() != like.size()) {
      throw Check.failed(
          operation,
          argument + " must have " + like.size() + " tensors, but has " + tensors.size());
    }
    for (int i = 0; i < tensors.size(); i++) {
      if (!fits(tensors.get(i), like.get(i), device)) {
        String name = argument + "[" + i + "]";
        if (like.get(i) == null) {
          throw Check.failed(operation, name + " is null");
        }
        Check.tensor(operation, name, tensors.get(i), device, DType.F32, like.get(i).shape());
      }
    }
  }

  /** Names are made for errors alone: they would be garbage in every step. */
  private static boolean fits(Tensor tensor, Tensor like, String device) {
    return tensor != null
        && like != null
        && tensor.dtype() == DType.F32
        && tensor.shape().equals(like.shape())
        && tensor.device().name().equals(device);
  }
}
