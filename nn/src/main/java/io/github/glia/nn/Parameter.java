package io.github.glia.nn;

import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * An F32 array that belongs to a layer: weights that training changes, with their gradient, or
 * statistics that a layer keeps itself.
 */
public final class Parameter {
  private final Shape shape;
  private final Initializer initializer;
  private final boolean learned;
  private Scope scope;
  private Tensor value;
  private Tensor gradient;
  private boolean hasGradient;
  private boolean frozen;

  Parameter(Shape shape, Initializer initializer, boolean learned) {
    this.shape = shape;
    this.initializer = initializer;
    this.learned = learned;
  }

  public Shape shape() {
    return shape;
  }

  /** Whether an optimizer changes it: it is learned and not frozen. */
  public boolean isTrained() {
    return learned && !frozen;
  }

  /** Whether weights or a bias, which may be null, are trained: then gradients are of use. */
  static boolean isTrained(Parameter weight, Parameter bias) {
    return weight.isTrained() || (bias != null && bias.isTrained());
  }

  /** Keeps optimizers from changing it: from here on it takes no gradient. */
  public void freeze() {
    frozen = true;
    clearGradient();
  }

  public void unfreeze() {
    frozen = false;
  }

  public Tensor value() {
    if (value == null) {
      throw new IllegalStateException(
          "a parameter "
              + shape
              + " has no value yet: call initialize(device, seed) on its network");
    }
    if (value.isClosed()) {
      throw new IllegalStateException(
          "a parameter "
              + shape
              + " was freed with its network: close the network later, or initialize it again");
    }
    return value;
  }

  /** Whether a backward added to the gradient since it was last used. */
  public boolean hasGradient() {
    return hasGradient;
  }

  /** The sum of what was added since the gradient was last used. */
  public Tensor gradient() {
    if (!hasGradient || gradient.isClosed()) {
      throw new IllegalStateException("a parameter " + shape + " has no gradient: run backward");
    }
    return gradient;
  }

  /** Where a backward writes its gradient before it says {@link #add}. */
  public Tensor newGradient() {
    if (!isTrained()) {
      return value().emptyLike();
    }
    if (gradient == null || gradient.isClosed()) {
      gradient = scope.adopt(value().emptyLike());
    }
    return hasGradient ? gradient.emptyLike() : gradient;
  }

  /** Adds what was written to {@link #newGradient}; what is not trained frees it. */
  public void add(Tensor newGradient) {
    if (!isTrained()) {
      newGradient.close();
      return;
    }
    if (newGradient != gradient) {
      AddPlan.on(gradient.device(), new AddPlan.Key(shape, DType.F32))
          .forward(gradient, newGradient, gradient);
      newGradient.close();
    }
    hasGradient = true;
  }

  /** Takes a gradient that was computed without {@link #newGradient}, and owns it. */
  void attach(Tensor computed) {
    clearGradient();
    gradient = scope.adopt(computed);
    hasGradient = true;
  }

  /**
   * Frees the gradient, so that the next backward starts a new sum. Gradients grow as activations
   * are freed, so that the peak of a step holds few of them.
   */
  public void clearGradient() {
    if (gradient != null) {
      gradient.close();
      gradient = null;
    }
    hasGradient = false;
  }

  void initialize(Scope owner, Device device, Philox random) {
    try (Scope step = Scope.open()) {
      Tensor fresh = owner.adopt(Tensor.empty(device, DType.F32, shape));
      fresh.copyFrom(initializer.values(shape, random));
      value = fresh;
      gradient = null;
      hasGradient = false;
      scope = owner;
    }
  }
}
