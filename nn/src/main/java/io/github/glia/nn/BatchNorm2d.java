package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.batchnorm.BatchNormPlan;
import io.github.glia.kernels.batchnorm.BatchNormShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * Batch norm: {@link BatchNormPlan} says what it computes. Training takes the statistics of the
 * batch and keeps running ones; inference takes the running ones.
 */
public final class BatchNorm2d extends Layer {
  private final int channels;
  private final float epsilon;
  private final float momentum;
  private final boolean relu;
  private final Parameter gamma;
  private final Parameter beta;
  private final Parameter mean;
  private final Parameter variance;
  private final Shape each;
  private final Ready<BatchNormPlan> ready = new Ready<>(this::planFor);
  private boolean frozen;

  public BatchNorm2d(int channels) {
    this(channels, 1e-5f, 0.1f, false);
  }

  /**
   * All choices.
   *
   * @param momentum the weight of the newest batch in the running statistics
   * @param relu whether max(0, ·) follows, in the same pass over memory
   */
  public BatchNorm2d(int channels, float epsilon, float momentum, boolean relu) {
    if (!(momentum >= 0 && momentum <= 1)) {
      throw Check.failed("batch norm", "momentum must be from 0 to 1, but is " + momentum);
    }
    this.channels = channels;
    this.epsilon = epsilon;
    this.momentum = momentum;
    this.relu = relu;
    BatchNormShape onePixel = new BatchNormShape(1, 1, 1, channels);
    // A key checks what it is made of: here already, not when an image comes.
    new BatchNormPlan.Key(onePixel, DType.F32, epsilon, relu);
    each = onePixel.parameters();
    gamma = learned("weight", each, Initializer.constant(1));
    beta = learned("bias", each, Initializer.constant(0));
    mean = statistic("running_mean", each, Initializer.constant(0));
    variance = statistic("running_var", each, Initializer.constant(1));
  }

  /** Takes the running statistics in training too, and leaves them as they are. */
  public void freezeStatistics(boolean freeze) {
    if (frozen != freeze) {
      frozen = freeze;
      behaviourChanged();
    }
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    BatchNormPlan plan = ready.of(x);
    Tensor y = x.emptyLike();
    if (!tape.isTraining()) {
      plan.forwardInference(
          x, gamma.value(), beta.value(), mean.value(), variance.value(), y, null);
      return y;
    }
    Tensor mask = relu ? Tensor.empty(x.device(), DType.U8, plan.mask()) : null;
    if (frozen) {
      plan.forwardInference(
          x, gamma.value(), beta.value(), mean.value(), variance.value(), y, mask);
      tape.record(y, dy -> backwardFrozen(tape, plan, x, dy, mask), x);
    } else {
      Tensor batchMean = Tensor.empty(x.device(), DType.F32, each);
      Tensor batchVariance = batchMean.emptyLike();
      plan.forwardTraining(x, gamma.value(), beta.value(), y, batchMean, batchVariance, mask);
      plan.updateRunning(batchMean, batchVariance, momentum, mean.value(), variance.value());
      tape.record(y, dy -> backward(tape, plan, x, dy, batchMean, batchVariance, mask), x);
    }
    return y;
  }

  private BatchNormPlan planFor(Tensor x) {
    requireImages(x);
    Shape s = x.shape();
    if (s.size(3) != channels) {
      throw Check.failed(
          name(), "the input must be [batch, height, width, " + channels + "], but is " + s);
    }
    BatchNormShape shape = new BatchNormShape(s.size(0), s.size(1), s.size(2), s.size(3));
    return BatchNormPlan.on(x.device(), new BatchNormPlan.Key(shape, x.dtype(), epsilon, relu));
  }

  private void backward(
      Tape tape,
      BatchNormPlan plan,
      Tensor x,
      Tensor dy,
      Tensor batchMean,
      Tensor batchVariance,
      Tensor mask) {
    Tensor dgamma = gamma.newGradient();
    Tensor dbeta = beta.newGradient();
    Tensor dx = inPlaceOf(dy);
    plan.backwardTraining(x, dy, gamma.value(), batchMean, batchVariance, mask, dx, dgamma, dbeta);
    finish(tape, x, mask, dx, dgamma, dbeta);
    batchMean.close();
    batchVariance.close();
  }

  private void backwardFrozen(Tape tape, BatchNormPlan plan, Tensor x, Tensor dy, Tensor mask) {
    Tensor dgamma = gamma.newGradient();
    Tensor dbeta = beta.newGradient();
    Tensor dx = inPlaceOf(dy);
    plan.backwardInference(
        x, dy, gamma.value(), mean.value(), variance.value(), mask, dx, dgamma, dbeta);
    finish(tape, x, mask, dx, dgamma, dbeta);
  }

  /** Nobody needs dy after this: its memory becomes that of dx. */
  private static Tensor inPlaceOf(Tensor dy) {
    return dy.reshape(dy.shape());
  }

  private void finish(Tape tape, Tensor x, Tensor mask, Tensor dx, Tensor dgamma, Tensor dbeta) {
    gamma.add(dgamma);
    beta.add(dbeta);
    tape.add(x, dx);
    if (mask != null) {
      mask.close();
    }
  }

  Parameter gamma() {
    return gamma;
  }

  Parameter beta() {
    return beta;
  }

  Parameter mean() {
    return mean;
  }

  Parameter variance() {
    return variance;
  }

  float epsilon() {
    return epsilon;
  }

  @Override
  public String name() {
    return "BatchNorm2d " + channels + (relu ? " + ReLU" : "");
  }
}
