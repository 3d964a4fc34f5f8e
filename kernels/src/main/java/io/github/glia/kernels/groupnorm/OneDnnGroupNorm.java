package io.github.glia.kernels.groupnorm;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_0;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;

import io.github.glia.kernels.batchnorm.OneDnnStatistics;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.Elements;
import io.github.glia.kernels.cpu.OneDnnPlan;
import io.github.glia.kernels.cpu.Primitive;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.normalization_flags;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * Group normalization by oneDNN's batch normalization, image by image. oneDNN's own group
 * normalization has only a reference backward, which takes 100 times as long. Batch normalization
 * gives sums over channels; these are made into sums over groups here, and given back to it.
 */
final class OneDnnGroupNorm extends OneDnnPlan implements GroupNormPlan {
  private static final int WITH_PARAMETERS =
      normalization_flags.use_scale.value | normalization_flags.use_shift.value;
  private static final int GIVEN_STATISTICS =
      WITH_PARAMETERS | normalization_flags.use_global_stats.value;
  private static final int SLOPE = DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1;
  private static final int OFFSET = (2 * DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE) | DNNL_ARG_SRC_1;

  private final Key key;
  private final GroupNormShape shape;
  private final GroupNormArguments arguments;
  private final memory.desc image;
  private final memory.desc parameters;
  private final long imageBytes;
  private final long channelBytes;
  private final OneDnnStatistics statistics;

  /** Instance norm: what batch normalization differentiates of one image is the answer as it is. */
  private final boolean eachChannelAlone;

  private final Elements channelValues;
  private final Elements moreChannelValues;
  private final Elements groupValues;
  private final Elements moreGroupValues;
  private final Elements gammas;
  private final double[] dgammaSum;
  private final double[] dbetaSum;

  private Primitive normalize;
  private Primitive differentiate;
  private Primitive addStatistics;

  OneDnnGroupNorm(CpuBackend cpu, Key key) {
    super(cpu, "groupnorm " + key);
    this.key = key;
    this.shape = key.shape();
    arguments = new GroupNormArguments(cpu.name(), key);
    eachChannelAlone = shape.groups() == shape.channels();
    image = CpuBackend.pixels(key.type(), (long) shape.height() * shape.width(), shape.channels());
    parameters = CpuBackend.describe(DType.F32, memory.format_tag.x, shape.channels());
    imageBytes = image.get_size();
    channelBytes = CpuBackend.aligned(parameters.get_size());
    channelValues = new Elements(shape.channels());
    moreChannelValues = new Elements(shape.channels());
    groupValues = new Elements(shape.groups());
    moreGroupValues = new Elements(shape.groups());
    gammas = new Elements(shape.channels());
    dgammaSum = new double[shape.channels()];
    dbetaSum = new double[shape.channels()];
    long pixels = (long) shape.height() * shape.width();
    statistics = OneDnnStatistics.of(cpu, pixels, shape.channels(), key.type());
  }

  @Override
  public void forward(Tensor x, Tensor gamma, Tensor beta, Tensor y, Tensor mean, Tensor variance) {
    arguments.forward(x, gamma, beta, y, mean, variance);
    synchronized (cpu) {
      prepareForward();
      long means = cpu.workspace(2 * channelBytes + statistics.scratchBytes());
      long variances = means + channelBytes;
      long scratch = variances + channelBytes;
      for (int n = 0; n < shape.batch(); n++) {
        statistics.measure(image(x, n), scratch, means, variances);
        join(means, variances, groups(mean, n), groups(variance, n));
        spread(groups(mean, n), means);
        spread(groups(variance, n), variances);
        normalize
            .bind(DNNL_ARG_SRC, image(x, n))
            .bind(DNNL_ARG_SCALE, gamma)
            .bind(DNNL_ARG_SHIFT, beta)
            .bind(DNNL_ARG_MEAN, means)
            .bind(DNNL_ARG_VARIANCE, variances)
            .bind(DNNL_ARG_DST, image(y, n))
            .run();
      }
      y.changed();
      mean.changed();
      variance.changed();
    }
  }

  /** With f(x) = slope · (x − mean) + offset, dx = γ · dy / √(variance + ε) + f(x). */
  @Override
  public void backward(
      Tensor x,
      Tensor dy,
      Tensor gamma,
      Tensor mean,
      Tensor variance,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    arguments.backward(x, dy, gamma, mean, variance, dx, dgamma, dbeta);
    synchronized (cpu) {
      prepareBackward();
      long means = cpu.workspace(6 * channelBytes);
      long variances = means + channelBytes;
      long dgammaOfImage = variances + channelBytes;
      long dbetaOfImage = dgammaOfImage + channelBytes;
      long slope = dbetaOfImage + channelBytes;
      long offset = slope + channelBytes;
      Arrays.fill(dgammaSum, 0);
      Arrays.fill(dbetaSum, 0);
      for (int n = 0; n < shape.batch(); n++) {
        spread(groups(mean, n), means);
        spread(groups(variance, n), variances);
        differentiate
            .bind(DNNL_ARG_SRC, image(x, n))
            .bind(DNNL_ARG_DIFF_DST, image(dy, n))
            .bind(DNNL_ARG_SCALE, gamma)
            .bind(DNNL_ARG_MEAN, means)
            .bind(DNNL_ARG_VARIANCE, variances)
            .bind(DNNL_ARG_DIFF_SRC, image(dx, n))
            .bind(DNNL_ARG_DIFF_SCALE, dgammaOfImage)
            .bind(DNNL_ARG_DIFF_SHIFT, dbetaOfImage)
            .run();
        if (!eachChannelAlone) {
          line(gamma.address(), groups(variance, n), dgammaOfImage, dbetaOfImage, slope, offset);
          addStatistics
              .bind(DNNL_ARG_SRC_0, image(x, n))
              .bind(DNNL_ARG_SRC_1, means)
              .bind(SLOPE, slope)
              .bind(OFFSET, offset)
              .bind(DNNL_ARG_DST, image(dx, n))
              .run();
        }
        add(dgammaOfImage, dgammaSum);
        add(dbetaOfImage, dbetaSum);
      }
      write(dgammaSum, dgamma);
      write(dbetaSum, dbeta);
      dx.changed();
    }
  }

  /** The statistics of groups from those of their channels, all of as many values. */
  private void join(long means, long variances, long groupMeans, long groupVariances) {
    float[] m = read(channelValues, means);
    float[] v = read(moreChannelValues, variances);
    int size = shape.channelsPerGroup();
    for (int g = 0; g < shape.groups(); g++) {
      double mean = 0;
      for (int c = g * size; c < (g + 1) * size; c++) {
        mean += m[c] / size;
      }
      double variance = 0;
      for (int c = g * size; c < (g + 1) * size; c++) {
        double deviation = m[c] - mean;
        variance += (v[c] + deviation * deviation) / size;
      }
      groupValues.values[g] = (float) mean;
      moreGroupValues.values[g] = (float) variance;
    }
    write(groupValues, groupMeans);
    write(moreGroupValues, groupVariances);
  }

  /** Gives each channel what its group has. */
  private void spread(long ofGroups, long ofChannels) {
    float[] groups = read(groupValues, ofGroups);
    for (int c = 0; c < shape.channels(); c++) {
      channelValues.values[c] = groups[c / shape.channelsPerGroup()];
    }
    write(channelValues, ofChannels);
  }

  /**
   * What mean and variance add to dx, as a line in x − mean:
   *
   * <pre>
   *   offset = − Σ γ · dy / m / √(variance + ε)
   *   slope  = − Σ γ · dy · x̂ / m / (variance + ε)
   * </pre>
   */
  private void line(
      long gamma, long groupVariances, long dgamma, long dbeta, long slope, long offset) {
    float[] factors = read(gammas, gamma);
    float[] sums = read(channelValues, dbeta);
    float[] sumsNormalized = read(moreChannelValues, dgamma);
    float[] variances = read(groupValues, groupVariances);
    int size = shape.channelsPerGroup();
    double m = shape.valuesPerGroup();
    for (int g = 0; g < shape.groups(); g++) {
      double sum = 0;
      double sumNormalized = 0;
      for (int c = g * size; c < (g + 1) * size; c++) {
        sum += (double) factors[c] * sums[c];
        sumNormalized += (double) factors[c] * sumsNormalized[c];
      }
      double variance = (double) variances[g] + key.epsilon();
      for (int c = g * size; c < (g + 1) * size; c++) {
        sumsNormalized[c] = (float) (-sumNormalized / m / variance);
        sums[c] = (float) (-sum / m / Math.sqrt(variance));
      }
    }
    write(moreChannelValues, slope);
    write(channelValues, offset);
  }

  private void add(long ofImage, double[] sum) {
    float[] values = read(channelValues, ofImage);
    for (int c = 0; c < sum.length; c++) {
      sum[c] += values[c];
    }
  }

  private void write(double[] sum, Tensor gradient) {
    for (int c = 0; c < sum.length; c++) {
      channelValues.values[c] = (float) sum[c];
    }
    write(channelValues, gradient.address());
    gradient.changed();
  }

  private float[] read(Elements into, long address) {
    return into.read(cpu, address, DType.F32, 0, into.values.length).values;
  }

  private void write(Elements from, long address) {
    from.write(cpu, address, DType.F32, 0, from.values.length);
  }

  private long image(Tensor images, int n) {
    return images.address() + n * imageBytes;
  }

  private long groups(Tensor statistics, int n) {
    return statistics.address() + (long) n * shape.groups() * Float.BYTES;
  }

  private void prepareForward() {
    if (normalize != null) {
      return;
    }
    normalize =
        primitive("forward", describeForward(prop_kind.forward_inference, GIVEN_STATISTICS))
            .argument(DNNL_ARG_SRC, image)
            .argument(DNNL_ARG_SCALE, parameters)
            .argument(DNNL_ARG_SHIFT, parameters)
            .argument(DNNL_ARG_MEAN, parameters)
            .argument(DNNL_ARG_VARIANCE, parameters)
            .argument(DNNL_ARG_DST, image)
            .build();
  }

  private void prepareBackward() {
    if (differentiate != null) {
      return;
    }
    differentiate =
        primitive("backward", describeBackward())
            .argument(DNNL_ARG_SRC, image)
            .argument(DNNL_ARG_DIFF_DST, image)
            .argument(DNNL_ARG_SCALE, parameters)
            .argument(DNNL_ARG_MEAN, parameters)
            .argument(DNNL_ARG_VARIANCE, parameters)
            .argument(DNNL_ARG_DIFF_SRC, image)
            .argument(DNNL_ARG_DIFF_SCALE, parameters)
            .argument(DNNL_ARG_DIFF_SHIFT, parameters)
            .build();
    if (eachChannelAlone) {
      return;
    }
    memory.desc perChannel = CpuBackend.images(DType.F32, 1, 1, 1, shape.channels());
    addStatistics =
        primitive("backward, statistics", describeLine(perChannel))
            .argument(DNNL_ARG_SRC_0, image)
            .argument(DNNL_ARG_SRC_1, perChannel)
            .argument(SLOPE, perChannel)
            .argument(OFFSET, perChannel)
            .argument(DNNL_ARG_DST, image)
            .build();
  }

  private batch_normalization_forward.primitive_desc describeForward(prop_kind kind, int flags) {
    return describe(
        "forward",
        () ->
            new batch_normalization_forward.primitive_desc(
                cpu.engine(),
                kind.value,
                image,
                image,
                key.epsilon(),
                flags,
                cpu.attributes(),
                false));
  }

  private batch_normalization_backward.primitive_desc describeBackward() {
    int flags = eachChannelAlone ? WITH_PARAMETERS : GIVEN_STATISTICS;
    return describe(
        "backward",
        () ->
            new batch_normalization_backward.primitive_desc(
                cpu.engine(),
                prop_kind.backward.value,
                image,
                image,
                image,
                key.epsilon(),
                flags,
                describeForward(prop_kind.forward_training, flags),
                cpu.attributes(),
                false));
  }

  /** dst += (src0 − src1) · slope + offset. */
  private binary.primitive_desc describeLine(memory.desc perChannel) {
    post_ops line = new post_ops();
    line.append_binary(algorithm.binary_mul, perChannel);
    line.append_binary(algorithm.binary_add, perChannel);
    line.append_sum();
    primitive_attr attributes = cpu.attributes();
    attributes.set_post_ops(line);
    return describe(
        "backward, statistics",
        () ->
            new binary.primitive_desc(
                cpu.engine(),
                algorithm.binary_sub.value,
                image,
                perChannel,
                image,
                attributes,
                false));
  }
}
