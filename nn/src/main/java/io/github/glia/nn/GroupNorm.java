package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.groupnorm.GroupNormPlan;
import io.github.glia.kernels.groupnorm.GroupNormShape;
import io.github.glia.nn.Ready.Planned;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/** Group norm: {@link GroupNormPlan} says what it computes; the same in training and inference. */
public final class GroupNorm extends Layer {
  private final int groups;
  private final int channels;
  private final float epsilon;
  private final Parameter gamma;
  private final Parameter beta;
  private final Ready<Planned<GroupNormPlan>> ready = new Ready<>(this::planFor);

  public GroupNorm(int groups, int channels) {
    this(groups, channels, 1e-5f);
  }

  public GroupNorm(int groups, int channels, float epsilon) {
    this.groups = groups;
    this.channels = channels;
    this.epsilon = epsilon;
    GroupNormShape fewPixels = new GroupNormShape(1, 2, 2, channels, groups);
    // A key checks what it is made of: here already, not when an image comes.
    new GroupNormPlan.Key(fewPixels, DType.F32, epsilon);
    Shape each = fewPixels.parameters();
    gamma = learned("weight", each, Initializer.constant(1));
    beta = learned("bias", each, Initializer.constant(0));
  }

  /** Instance norm: each channel of each image on its own. */
  public static GroupNorm instance(int channels) {
    return new GroupNorm(channels, channels);
  }

  @Override
  protected Tensor compute(Tape tape, Tensor x) {
    GroupNormPlan plan = ready.of(x).plan();
    Tensor y = x.emptyLike();
    Tensor mean = Tensor.empty(x.device(), DType.F32, ready.of(x).output());
    Tensor variance = mean.emptyLike();
    plan.forward(x, gamma.value(), beta.value(), y, mean, variance);
    if (!tape.isTraining()) {
      mean.close();
      variance.close();
      return y;
    }
    tape.record(
        y,
        dy -> {
          Tensor dgamma = gamma.newGradient();
          Tensor dbeta = beta.newGradient();
          Tensor dx = x.emptyLike();
          plan.backward(x, dy, gamma.value(), mean, variance, dx, dgamma, dbeta);
          gamma.add(dgamma);
          beta.add(dbeta);
          tape.add(x, dx);
          mean.close();
          variance.close();
        },
        x);
    return y;
  }

  /** With the shape of the statistics that it puts out. */
  private Planned<GroupNormPlan> planFor(Tensor x) {
    requireImages(x);
    Shape s = x.shape();
    if (s.size(3) != channels) {
      throw Check.failed(
          name(), "the input must be [batch, height, width, " + channels + "], but is " + s);
    }
    GroupNormShape shape = new GroupNormShape(s.size(0), s.size(1), s.size(2), s.size(3), groups);
    GroupNormPlan.Key key = new GroupNormPlan.Key(shape, x.dtype(), epsilon);
    return new Planned<>(GroupNormPlan.on(x.device(), key), shape.statistics());
  }

  @Override
  public String name() {
    return groups == channels
        ? "InstanceNorm " + channels
        : "GroupNorm " + groups + " of " + channels;
  }
}
