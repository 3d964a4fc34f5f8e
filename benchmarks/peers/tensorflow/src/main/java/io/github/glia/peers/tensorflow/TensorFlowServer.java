package io.github.glia.peers.tensorflow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * Runs one step of a U-Net in TensorFlow each time it is told to, as Glia's {@code StepServer}
 * does.
 *
 * <pre>
 *   TensorFlowServer lgg|classic f32|bf16 train|infer THREADS ARRAYS
 * </pre>
 *
 * ARRAYS has the weights, the images x and the truth t in TensorFlow's layouts.
 */
public final class TensorFlowServer implements AutoCloseable {
  private static final float LEARNING_RATE = 1e-4f;

  private final Graph graph = new Graph();
  private final Ops tf = Ops.create(graph);
  private final Session session;
  private final TFloat32 images;
  private final TFloat32 mask;
  private final Placeholder<TFloat32> x;
  private final Placeholder<TFloat32> t;
  private final UNet<?> network;
  private final Operand<TFloat32> logits;
  private final Operand<TFloat32> loss;

  /** Null where it predicts. */
  private final Op minimize;

  TensorFlowServer(
      boolean norm,
      Class<? extends TNumber> type,
      boolean train,
      ConfigProto config,
      ArrayFile arrays) {
    images = arrays.get("x");
    mask = arrays.get("t");
    x = tf.placeholder(TFloat32.class, Placeholder.shape(images.shape()));
    t = tf.placeholder(TFloat32.class, Placeholder.shape(mask.shape()));
    network = new UNet<>(tf, type, arrays, norm, train);
    logits = network.logits(x);
    loss = objective();
    minimize = train ? new Adam(graph, LEARNING_RATE, 0.9f, 0.999f, 1e-8f).minimize(loss) : null;
    session = new Session(graph, config);
    session.initialize();
  }

  public static void main(String[] args) throws IOException {
    boolean norm = args[0].equals("lgg");
    Class<? extends TNumber> type = args[1].equals("bf16") ? TBfloat16.class : TFloat32.class;
    boolean train = args[2].equals("train");
    ConfigProto config =
        ConfigProto.newBuilder().setIntraOpParallelismThreads(Integer.parseInt(args[3])).build();
    ArrayFile arrays = new ArrayFile(Path.of(args[4]));
    try (var server = new TensorFlowServer(norm, type, train, config, arrays)) {
      System.out.println("ready TensorFlow " + TensorFlow.version());
      BufferedReader requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      while (requests.readLine() != null) {
        System.out.println(train ? server.train() : server.predict());
      }
    }
  }

  /** BCE + Dice: mean(softplus(z) − z·t) + 1 − (2·Σp·t + 1) / (Σp + Σt + 1), p = sigmoid(z). */
  private Operand<TFloat32> objective() {
    Operand<TFloat32> bce =
        tf.math.mean(tf.math.sub(tf.math.softplus(logits), tf.math.mul(logits, t)), axes());
    Operand<TFloat32> p = tf.math.sigmoid(logits);
    Operand<TFloat32> both = tf.reduceSum(tf.math.mul(p, t), axes());
    Operand<TFloat32> one = tf.constant(1f);
    Operand<TFloat32> above = tf.math.add(tf.math.mul(tf.constant(2f), both), one);
    Operand<TFloat32> sums = tf.math.add(tf.reduceSum(p, axes()), tf.reduceSum(t, axes()));
    Operand<TFloat32> dice = tf.math.sub(one, tf.math.div(above, tf.math.add(sums, one)));
    return tf.math.add(bce, dice);
  }

  private Operand<TInt32> axes() {
    return tf.constant(new int[] {0, 1, 2, 3});
  }

  private String train() {
    long start = System.nanoTime();
    Session.Runner step = session.runner().feed(x, images).feed(t, mask).fetch(loss);
    step.addTarget(minimize);
    network.updates().forEach(step::addTarget);
    try (var result = step.run()) {
      float value = ((TFloat32) result.get(0)).getFloat();
      return milliseconds(start) + " " + value;
    }
  }

  /**
   * The loss tells whether the prediction is right; it is no part of predicting, or of the time.
   */
  private String predict() {
    long start = System.nanoTime();
    try (var result = session.runner().feed(x, images).fetch(logits).run()) {
      double time = milliseconds(start);
      Session.Runner rest = session.runner().feed(logits, result.get(0)).feed(t, mask).fetch(loss);
      try (var value = rest.run()) {
        return time + " " + ((TFloat32) value.get(0)).getFloat();
      }
    }
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }

  private static double milliseconds(long start) {
    return (System.nanoTime() - start) * 1e-6;
  }
}
