package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The list of what a forward pass did, to be walked backwards.
 *
 * <p>Each layer appends one entry as it computes: its output, and a function that takes the
 * gradient of that output and adds to the gradients of the layer's inputs and parameters. {@link
 * #backward} starts with 1 for the loss and runs the entries from the last to the first. That is
 * all there is to backpropagation.
 *
 * <p>When an entry has run, nothing before it can need its output any more, so the tape frees it:
 * memory falls during backward as it rose during forward.
 *
 * <p>A tape serves one step. A tape for {@link #inference} records nothing.
 */
public final class Tape {
  /** What a layer does with the gradient of its output. */
  public interface Backward {
    /**
     * Adds to the gradients of the layer's inputs, with {@link Tape#add}, and of its parameters.
     *
     * @param dy the gradient of the output; the tape frees it
     */
    void run(Tensor dy);
  }

  /** Is told of every layer that computes: for summaries and profiles. */
  public interface Observer {
    /**
     * @param x the shape of its input; of two images it is that of both as one
     */
    void computed(Layer layer, Shape x, Tensor y);
  }

  private static final long PURPOSE = 0x7461_7065L << 32;

  private record Entry(Tensor output, Backward backward) {}

  private final boolean training;
  private final long seed;
  private final long step;
  private final Observer observer;

  /** Null where no recording needs them. */
  private final HeldWeights held;

  /** Null where nobody measures what convolutions read and write. */
  private final Quantization measured;

  /** Null where layers compute as they are. */
  private final Quantization quantization;

  /** Of the channels of images in bytes. */
  private final Map<Tensor, float[]> steps = new HashMap<>();

  private final List<Entry> entries = new ArrayList<>();
  private final Set<Tensor> tracked = new HashSet<>();
  private final Set<Tensor> watched = new HashSet<>();
  private final Set<Tensor> needed = new HashSet<>();
  private final Set<Tensor> kept = new HashSet<>();
  private final Map<Tensor, Tensor> gradients = new HashMap<>();
  private long streams;
  private boolean walked;

  private Tape(boolean training, long seed, long step, Observer observer, HeldWeights held) {
    this(training, seed, step, observer, held, null, null);
  }

  private Tape(
      boolean training,
      long seed,
      long step,
      Observer observer,
      HeldWeights held,
      Quantization measured,
      Quantization quantization) {
    this.measured = measured;
    this.quantization = quantization;
    this.training = training;
    this.seed = seed;
    this.step = step;
    this.observer = observer;
    this.held = held;
  }

  /**
   * A tape that records one training step.
   *
   * @param seed of the random numbers that layers draw
   * @param step the number of the step, so that each draws others and a resumed run the same
   */
  public static Tape training(long seed, long step) {
    return new Tape(true, seed, step, (layer, x, y) -> {}, null);
  }

  /** A tape that records nothing: layers predict. */
  public static Tape inference() {
    return inference((layer, x, y) -> {});
  }

  public static Tape inference(Observer observer) {
    Check.present("tape", "the observer", observer);
    return new Tape(false, 0, 0, observer, null);
  }

  /** The same for a recording, which holds the packed weights that layers read. */
  static Tape holding(HeldWeights held) {
    return new Tape(false, 0, 0, (layer, x, y) -> {}, held);
  }

  /** A tape for inference that tells what convolutions read and write. */
  static Tape measuring(Quantization measured) {
    return new Tape(false, 0, 0, (layer, x, y) -> {}, null, measured, null);
  }

  /** A tape for inference in bytes. */
  static Tape quantized(Quantization quantization) {
    return new Tape(false, 0, 0, (layer, x, y) -> {}, null, null, quantization);
  }

  /** Whether layers train: batch norm takes the statistics of the batch, dropout drops. */
  public boolean isTraining() {
    return training;
  }

  /** The seed of the random numbers that layers draw. */
  public long seed() {
    return seed;
  }

  /**
   * A stream of random numbers that no other layer of this step draws from, nor the first values of
   * parameters, which may have the same seed.
   */
  public long nextStream() {
    return PURPOSE ^ ((step << 16) + streams++);
  }

  /**
   * Appends an entry. A tape for inference ignores it.
   *
   * @param output what the layer computed
   * @param backward what to do with its gradient
   * @param needs tensors, besides parameters, that {@code backward} will read
   */
  public void record(Tensor output, Backward backward, Tensor... needs) {
    Check.present("tape", "the output", output);
    Check.present("tape", "the backward", backward);
    if (training) {
      entries.add(new Entry(output, backward));
      tracked.add(output);
      Collections.addAll(needed, needs);
    }
  }

  /** Says that forward is done with a tensor: it is freed at once unless backward needs it. */
  public void release(Tensor tensor) {
    Check.present("tape", "what is released", tensor);
    if (!needed.contains(tensor) && !kept.contains(tensor)) {
      tensor.close();
    }
  }

  /** Keeps a tensor readable after backward, until its scope ends. */
  public Tensor keep(Tensor tensor) {
    kept.add(Check.present("tape", "what is kept", tensor));
    return tensor;
  }

  /** Asks for the gradient of a tensor that no layer computed, an input. */
  public void watch(Tensor tensor) {
    Check.present("tape", "what is watched", tensor);
    if (wants(tensor) && !watched.contains(tensor)) {
      throw new IllegalArgumentException(
          tensor + " was computed on this tape, and only inputs are watched: watch before forward");
    }
    tracked.add(tensor);
    watched.add(tensor);
  }

  /** Whether a gradient of this tensor is of use: something before it was recorded or watched. */
  public boolean wants(Tensor tensor) {
    return tracked.contains(tensor);
  }

  /** Adds to the gradient of a tensor. The tape owns {@code gradient} from here on. */
  public void add(Tensor tensor, Tensor gradient) {
    Check.present("tape", "the tensor", tensor);
    Check.present("tape", "the gradient", gradient);
    if (!gradient.shape().equals(tensor.shape()) || gradient.dtype() != tensor.dtype()) {
      throw new IllegalArgumentException(
          "the gradient of " + tensor + " has its shape and type, but is " + gradient);
    }
    if (!wants(tensor)) {
      gradient.close();
      return;
    }
    Tensor sum = gradients.putIfAbsent(tensor, gradient);
    if (sum != null) {
      AddPlan.on(sum.device(), new AddPlan.Key(sum.shape(), sum.dtype()))
          .forward(sum, gradient, sum);
      gradient.close();
    }
  }

  /** The gradient of a watched tensor after {@link #backward}. */
  public Tensor gradient(Tensor tensor) {
    Tensor gradient = watched.contains(tensor) ? gradients.get(tensor) : null;
    if (gradient == null) {
      throw new IllegalStateException(tensor + " was not watched, or nothing depends on it");
    }
    return gradient;
  }

  /**
   * Computes the gradients of all parameters, and of watched tensors. Should it throw, parameters
   * that it came to keep what they got: clear their gradients before the next step.
   */
  public void backward(Tensor loss) {
    backward(loss, 1);
  }

  /**
   * The same for a multiple of the loss: 1/n when the gradients of n batches are added up, or a
   * large number where small gradients would be lost in half precision.
   */
  public void backward(Tensor loss, float multiple) {
    Check.present("tape", "the loss", loss);
    if (loss.count() != 1 || loss.dtype() != DType.F32) {
      throw new IllegalArgumentException("a loss is one F32 number, but is " + loss);
    }
    backward(loss, Tensor.of(loss.device(), loss.shape(), multiple));
  }

  /** The same from any output, given its gradient, which the tape owns from here on. */
  public void backward(Tensor output, Tensor gradient) {
    Check.present("tape", "the output", output);
    Check.present("tape", "the gradient", gradient);
    if (!wants(output)) {
      throw new IllegalStateException(
          training
              ? "no layer recorded " + output + " on this tape"
              : "this tape is for inference: use Tape.training(seed, step)");
    }
    if (walked) {
      throw new IllegalStateException(
          "backward was run on this tape before: a tape serves one step, add up losses first");
    }
    keep(output);
    add(output, gradient);
    walked = true;
    for (int i = entries.size() - 1; i >= 0; i--) {
      Entry entry = entries.remove(i);
      Tensor dy = gradients.remove(entry.output);
      if (dy != null) {
        entry.backward.run(dy);
        dy.close();
      }
      if (!kept.contains(entry.output)) {
        entry.output.close();
      }
    }
  }

  /** Null where nobody measures. */
  Quantization measured() {
    return measured;
  }

  /** Null where layers compute as they are. */
  Quantization quantization() {
    return quantization;
  }

  /** What the numbers of an image in bytes are multiples of, for each channel. */
  float[] steps(Tensor bytes) {
    float[] ofChannels = steps.get(bytes);
    if (ofChannels == null) {
      throw new IllegalStateException(
          bytes
              + " is in bytes, but of which steps is not known: only convolutions, max pooling and"
              + " concatenation compute in bytes");
    }
    return ofChannels;
  }

  void setSteps(Tensor bytes, float... ofChannels) {
    steps.put(bytes, ofChannels);
  }

  /** Whether an image is in bytes whose steps are told. */
  boolean hasSteps(Tensor image) {
    return quantization != null && image.dtype() == DType.I8;
  }

  /** Null where no recording needs them. */
  HeldWeights held() {
    return held;
  }

  void computed(Layer layer, Shape x, Tensor y) {
    observer.computed(layer, x, y);
  }
}
