package io.github.glia.peers.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.Conv2dBackpropInput;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * The U-Net of unet-lgg, images in the order NHWC, with the same names of weights. In training they
 * are variables; where it predicts they are constants, as in a frozen graph. Weights are F32 in any
 * case; images are of the type T, and the weights of convolutions are cast to it, as Keras does
 * under its policy mixed_bfloat16.
 */
final class UNet<T extends TNumber> {
  private static final int LEVELS = 4;
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.1f;

  private final Ops tf;
  private final Class<T> type;
  private final ArrayFile weights;
  private final boolean norm;
  private final boolean training;
  private final List<Op> updates = new ArrayList<>();

  UNet(Ops tf, Class<T> type, ArrayFile weights, boolean norm, boolean training) {
    this.tf = tf;
    this.type = type;
    this.weights = weights;
    this.norm = norm;
    this.training = training;
  }

  Operand<TFloat32> logits(Operand<TFloat32> images) {
    Operand<T> x = tf.dtypes.cast(images, type);
    Deque<Operand<T>> skips = new ArrayDeque<>();
    for (int level = 1; level <= LEVELS; level++) {
      x = block("encoder" + level, x);
      skips.push(x);
      var window = tf.constant(new int[] {1, 2, 2, 1});
      x = tf.nn.maxPool(x, window, window, "VALID");
    }
    x = block("bottom", x);
    for (int level = LEVELS; level >= 1; level--) {
      Operand<T> skip = skips.pop();
      x = tf.concat(List.of(up("up" + level, x, skip), skip), tf.constant(3));
      x = block("decoder" + level, x);
    }
    return tf.dtypes.cast(tf.nn.biasAdd(conv("head.weight", x), cast("head.bias")), TFloat32.class);
  }

  /** What has to run beside a training step: the running means and variances move. */
  List<Op> updates() {
    return updates;
  }

  private Operand<T> block(String name, Operand<T> x) {
    return unit(name + ".1", unit(name + ".0", x));
  }

  private Operand<T> unit(String name, Operand<T> x) {
    Operand<T> y = conv(name + ".conv.weight", x);
    return tf.nn.relu(
        norm ? batchNorm(name + ".norm.", y) : tf.nn.biasAdd(y, cast(name + ".conv.bias")));
  }

  private Operand<T> conv(String name, Operand<T> x) {
    return tf.nn.conv2d(x, cast(name), List.of(1L, 1L, 1L, 1L), "SAME");
  }

  private Operand<T> up(String name, Operand<T> x, Operand<T> skip) {
    long[] size = skip.shape().asArray();
    long channels = weights.get(name + ".bias").size();
    var shape =
        tf.constant(new int[] {(int) size[0], (int) size[1], (int) size[2], (int) channels});
    Conv2dBackpropInput<T> y =
        tf.nn.conv2dBackpropInput(
            shape, cast(name + ".weight"), x, List.of(1L, 2L, 2L, 1L), "VALID");
    return tf.nn.biasAdd(y, cast(name + ".bias"));
  }

  private Operand<T> batchNorm(String name, Operand<T> x) {
    Operand<TFloat32> mean = weight(name + "running_mean");
    Operand<TFloat32> variance = weight(name + "running_var");
    FusedBatchNorm<T, TFloat32> y =
        tf.nn.fusedBatchNorm(
            x,
            weight(name + "weight"),
            weight(name + "bias"),
            mean,
            variance,
            FusedBatchNorm.epsilon(EPSILON),
            FusedBatchNorm.exponentialAvgFactor(MOMENTUM),
            FusedBatchNorm.isTraining(training));
    if (training) {
      updates.add(tf.assign(mean, y.batchMean()));
      updates.add(tf.assign(variance, y.batchVariance()));
    }
    return y.y();
  }

  private Operand<T> cast(String name) {
    return tf.dtypes.cast(weight(name), type);
  }

  private Operand<TFloat32> weight(String name) {
    Operand<TFloat32> value = tf.constantOf(weights.get(name));
    return training ? tf.variable(value) : value;
  }
}
