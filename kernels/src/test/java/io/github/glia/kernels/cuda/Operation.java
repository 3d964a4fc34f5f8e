package io.github.glia.kernels.cuda;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;

/**
 * Something that a GPU does, to be tried with faults.
 *
 * @param says what all its errors say: for what is computed, the operation and its shapes
 */
record Operation(String name, String says, Preparation preparation) {
  static final DType TYPE = DType.BF16;

  /**
   * An operation whose tensors are there already, so that it makes no calls but its own.
   *
   * @param run asks the cache for the plan, and computes forward and backward
   * @param results what it computes
   */
  record Ready(Runnable run, List<Tensor> results) {}

  /** Makes the tensors of an operation. */
  interface Preparation {
    Ready on(Device device);
  }

  Operation(String says, Preparation preparation) {
    this(says, says, preparation);
  }

  static Tensor filled(Device device, DType type, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 11 - 5;
    }
    return Tensor.of(device, type, shape, values);
  }

  static Tensor filled(Device device, Shape shape) {
    return filled(device, TYPE, shape);
  }
}
