package io.github.glia.kernels.batchnorm;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.kernels.cpu.SharedPrimitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;

/**
 * Batch normalization by oneDNN, whose workspace is the mask of the fused ReLU, with the statistics
 * that {@link OneDnnStatistics} takes.
 */
final class OneDnnBatchNorm extends OneDnnPlan implements BatchNormPlan {
  private static final int OWN_STATISTICS = 0;
  private static final int GIVEN_STATISTICS = normalization_flags.use_global_stats.value;

  private final Key key;
  private final BatchNormShape shape;
  private final BatchNormArguments arguments;
  private final NanOfRelu nan;
  private final Elements newest;
  private final Elements averages;
  private final OneDnnStatistics statistics;
  private final memory.desc image;

  /** What a lane normalizes at once: an image, or all of them. */
  private final memory.desc part;

  private final int parts;
  private final long partBytes;
  private final memory.desc parameters;
  private Shape mask;
  private long maskPartBytes;
  private SharedPrimitive forwardInference;
  private SharedPrimitive forwardInferenceWithMask;
  private Primitive backwardTraining;
  private Primitive backwardInference;

  OneDnnBatchNorm(CpuBackend cpu, Key key) {
    super(cpu, "batchnorm " + key);
    this.key = key;
    this.shape = key.shape();
    this.arguments = new BatchNormArguments(cpu.name(), this, key);
    this.nan = new NanOfRelu(cpu, key);
    this.newest = new Elements(shape.channels());
    this.averages = new Elements(shape.channels());
    statistics = OneDnnStatistics.of(cpu, shape.valuesPerChannel(), shape.channels(), key.type());
    image = CpuBackend.pixels(key.type(), shape.valuesPerChannel(), shape.channels());
    parts = wholeBytesOfMask() ? cpu.lanes().partsOf(shape.batch()) : 1;
    part = CpuBackend.pixels(key.type(), shape.valuesPerChannel() / parts, shape.channels());
    partBytes = part.get_size();
    parameters = CpuBackend.describe(DType.F32, memory.format_tag.x, shape.channels());
  }

  /** The mask has a bit for each value: images of which it ends within a byte are not parted. */
  private boolean wholeBytesOfMask() {
    return shape.image().count() / shape.batch() % Byte.SIZE == 0;
  }

  @Override
  public Shape mask() {
    if (!key.relu()) {
      throw Check.failed("batchnorm mask", "the plan has no ReLU, so it has no mask");
    }
    synchronized (cpu) {
      if (mask == null) {
        long bytes =
            maskBytes(describeForward(image, prop_kind.forward_training, GIVEN_STATISTICS));
        mask = Shape.of(Math.toIntExact(bytes));
      }
      return mask;
    }
  }

  @Override
  public void forwardTraining(
      Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance, Tensor mask) {
    arguments.forwardTraining(x, gamma, beta, y, mean, variance, mask);
    synchronized (cpu) {
      measure(x, mean, variance);
      normalize(given(mask), x, gamma, beta, mean, variance, y, mask);
      if (key.relu() && nan.isPossible(gamma, beta, mean, variance)) {
        nan.putBack(x, gamma, beta, mean, variance, y);
      }
      mean.changed();
      variance.changed();
    }
  }

  @Override
  public void forwardInference(
      Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, Tensor y, Tensor mask) {
    arguments.forwardInference(x, gamma, beta, mean, variance, y, mask);
    synchronized (cpu) {
      normalize(given(mask), x, gamma, beta, mean, variance, y, mask);
      if (key.relu() && (nan.isPossible(gamma, beta, mean, variance) || !isFinite(x))) {
        nan.putBack(x, gamma, beta, mean, variance, y);
      }
    }
  }

  @Override
  public void backwardTraining(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    arguments.backwardTraining(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    synchronized (cpu) {
      if (backwardTraining == null) {
        backwardTraining = make(() -> backward("backwardTraining", OWN_STATISTICS));
      }
      differentiate(backwardTraining, x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    }
  }

  @Override
  public void backwardInference(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    arguments.backwardInference(x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    synchronized (cpu) {
      if (backwardInference == null) {
        backwardInference = make(() -> backward("backwardInference", GIVEN_STATISTICS));
      }
      differentiate(backwardInference, x, dy, gamma, mean, variance, mask, dx, dgamma, dbeta);
    }
  }

  @Override
  public void updateRunning(
      Tensor mean, Tensor variance, float momentum, Tensor runningMean, Tensor runningVariance) {
    arguments.updateRunning(mean, variance, momentum, runningMean, runningVariance);
    double m = shape.valuesPerChannel();
    synchronized (cpu) {
      moveTowards(mean, 1, momentum, runningMean);
      moveTowards(variance, m / (m - 1), momentum, runningVariance);
    }
  }

  /** running += momentum · (scale · batch − running). */
  private void moveTowards(Tensor batch, double scale, float momentum, Tensor running) {
    float[] from = read(newest, batch.address());
    float[] to = read(averages, running.address());
    for (int c = 0; c < to.length; c++) {
      double before = to[c];
      to[c] = (float) (before + momentum * (scale * from[c] - before));
    }
    averages.write(cpu, running.address(), DType.F32, 0, to.length);
    running.changed();
  }

  private void normalize(
      SharedPrimitive primitive,
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor variance,
      Tensor y,
      Tensor mask) {
    primitive
        .bind(DNNL_ARG_SRC, x.address(), partBytes)
        .bind(DNNL_ARG_SCALE, gamma.address())
        .bind(DNNL_ARG_SHIFT, beta.address())
        .bind(DNNL_ARG_MEAN, mean.address())
        .bind(DNNL_ARG_VARIANCE, variance.address())
        .bind(DNNL_ARG_DST, y.address(), partBytes);
    if (mask != null) {
      primitive.bind(DNNL_ARG_WORKSPACE, mask.address(), maskPartBytes);
      mask.changed();
    }
    primitive.run();
    y.changed();
  }

  private static void differentiate(
      Primitive primitive,
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor mask,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    primitive
        .bind(DNNL_ARG_SRC, x)
        .bind(DNNL_ARG_DIFF_DST, dy)
        .bind(DNNL_ARG_SCALE, gamma)
        .bind(DNNL_ARG_MEAN, mean)
        .bind(DNNL_ARG_VARIANCE, variance)
        .bind(DNNL_ARG_DIFF_SRC, dx)
        .bind(DNNL_ARG_DIFF_SCALE, dgamma)
        .bind(DNNL_ARG_DIFF_SHIFT, dbeta);
    if (mask != null) {
      primitive.bind(DNNL_ARG_WORKSPACE, mask);
    }
    primitive.run();
    dx.changed();
    dgamma.changed();
    dbeta.changed();
  }

  private void measure(Tensor x, Tensor mean, Tensor variance) {
    statistics.measure(
        x.address(), cpu.workspace(statistics.scratchBytes()), mean.address(), variance.address());
  }

  /** A mean is finite only where all values are. */
  private boolean isFinite(Tensor x) {
    long bytes = (long) shape.channels() * Float.BYTES;
    long scratch = cpu.workspace(statistics.scratchBytes() + 2 * bytes);
    long means = scratch + statistics.scratchBytes();
    statistics.measure(x.address(), scratch, means, means + bytes);
    for (float mean : read(newest, means)) {
      if (!Float.isFinite(mean)) {
        return false;
      }
    }
    return true;
  }

  private float[] read(Elements into, long channels) {
    return into.read(cpu, channels, DType.F32, 0, shape.channels()).values;
  }

  /** The primitive for given statistics; {@code mask} is null where it need not write one. */
  private SharedPrimitive given(Tensor mask) {
    return mask == null ? forwardInference() : forwardInferenceWithMask();
  }

  private SharedPrimitive forwardInference() {
    if (forwardInference == null) {
      forwardInference =
          shared(
              "forwardInference",
              parts,
              () -> forward("forwardInference", prop_kind.forward_inference));
    }
    return forwardInference;
  }

  private SharedPrimitive forwardInferenceWithMask() {
    if (forwardInferenceWithMask == null) {
      String use = "forwardInference with mask";
      forwardInferenceWithMask = shared(use, parts, () -> forward(use, prop_kind.forward_training));
    }
    return forwardInferenceWithMask;
  }

  private Primitive.Builder forward(String use, prop_kind kind) {
    batch_normalization_forward.primitive_desc description =
        describeForward(part, kind, GIVEN_STATISTICS);
    Primitive.Builder builder =
        primitive(use, description)
            .argument(DNNL_ARG_SRC, part)
            .argument(DNNL_ARG_SCALE, parameters)
            .argument(DNNL_ARG_SHIFT, parameters)
            .argument(DNNL_ARG_MEAN, parameters)
            .argument(DNNL_ARG_VARIANCE, parameters)
            .argument(DNNL_ARG_DST, part);
    if (key.relu() && kind == prop_kind.forward_training) {
      maskPartBytes = maskBytes(description);
      builder.argument(DNNL_ARG_WORKSPACE, description.workspace_desc());
    }
    return builder;
  }

  private Primitive backward(String use, int statistics) {
    batch_normalization_backward.primitive_desc description =
        describe(
            use,
            () ->
                new batch_normalization_backward.primitive_desc(
                    cpu.engine(),
                    prop_kind.backward.value,
                    image,
                    image,
                    image,
                    key.epsilon(),
                    flags(statistics),
                    describeForward(image, prop_kind.forward_training, statistics),
                    cpu.attributes(),
                    false));
    Primitive.Builder builder =
        primitive(use, description)
            .argument(DNNL_ARG_SRC, image)
            .argument(DNNL_ARG_DIFF_DST, image)
            .argument(DNNL_ARG_SCALE, parameters)
            .argument(DNNL_ARG_MEAN, parameters)
            .argument(DNNL_ARG_VARIANCE, parameters)
            .argument(DNNL_ARG_DIFF_SRC, image)
            .argument(DNNL_ARG_DIFF_SCALE, parameters)
            .argument(DNNL_ARG_DIFF_SHIFT, parameters);
    if (key.relu()) {
      builder.argument(DNNL_ARG_WORKSPACE, description.workspace_desc());
    }
    return builder.build();
  }

  private batch_normalization_forward.primitive_desc describeForward(
      memory.desc pixels, prop_kind kind, int statistics) {
    return describe(
        "forward",
        () ->
            new batch_normalization_forward.primitive_desc(
                cpu.engine(),
                kind.value,
                pixels,
                pixels,
                key.epsilon(),
                flags(statistics),
                cpu.attributes(),
                false));
  }

  private int flags(int statistics) {
    return statistics
        | normalization_flags.use_scale.value
        | normalization_flags.use_shift.value
        | (key.relu() ? normalization_flags.fuse_norm_relu.value : 0);
  }

  private static long maskBytes(batch_normalization_forward.primitive_desc description) {
    return description.workspace_desc().get_size();
  }
}
