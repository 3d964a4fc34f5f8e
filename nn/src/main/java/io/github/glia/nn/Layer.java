package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A part of a network, and a network itself: what it computes, and how gradients go back through
 * it.
 *
 * <p>To add a layer, extend this class and write {@link #compute}: make the output, compute it, and
 * record on the tape what to do with its gradient. A layer made of other layers only calls them.
 */
public abstract class Layer implements AutoCloseable {
  /** Initial values are made in an array. */
  private static final long LARGEST_PARAMETER = Integer.MAX_VALUE - 8;

  private final Map<String, Parameter> own = new LinkedHashMap<>();
  private final Map<String, Layer> children = new LinkedHashMap<>();
  private Scope scope;
  private long behaviourChanges;

  /**
   * Computes the output and records its backward. The output is a new tensor, or x itself where
   * nothing is to be done.
   */
  protected abstract Tensor compute(Tape tape, Tensor x);

  /**
   * Computes the output of two images as if they were one: the channels of a, and then those of b.
   * Layers that can do so without joining them first override this.
   */
  protected Tensor compute(Tape tape, Tensor a, Tensor b) {
    Tensor joined = Concat.forward(tape, a, b);
    Tensor y = compute(tape, joined);
    if (y != joined) {
      tape.release(joined);
    }
    return y;
  }

  /** Multiplications and additions of one forward, besides those of layers within. */
  protected long flops(Shape x) {
    return 0;
  }

  /** Computes the output; with a tape for training, so that gradients can go back through it. */
  public final Tensor forward(Tape tape, Tensor x) {
    if (tape == null || x == null) {
      throw Check.failed(name(), (tape == null ? "the tape" : "the input") + " is null");
    }
    Tensor y = compute(tape, x);
    tape.computed(this, x.shape(), y);
    return y;
  }

  /** The same of two images as if they were one: the channels of a, and then those of b. */
  public final Tensor forward(Tape tape, Tensor a, Tensor b) {
    String name = name();
    Check.present(name, "the tape", tape);
    Check.image(name, "a", a);
    Check.image(name, "b", b);
    Shape fitting = a.shape().with(3, b.shape().size(3));
    // between layers of a quantization one image may be in bytes, and the other not
    DType type = tape.quantization() == null ? a.dtype() : b.dtype();
    Check.tensor(name, "b", b, a.device().name(), type, fitting);
    Tensor y = compute(tape, a, b);
    tape.computed(this, joined(a, b), y);
    return y;
  }

  /** The shape of two images as one. */
  static Shape joined(Tensor a, Tensor b) {
    return a.shape().with(3, Math.addExact(a.shape().size(3), b.shape().size(3)));
  }

  /** Computes the output for inference. */
  public final Tensor predict(Tensor x) {
    return forward(Tape.inference(), x);
  }

  /** Gives every parameter its first value: the same for the same seed on every device. */
  public final void initialize(Device device, long seed) {
    Check.present(name(), "the device", device);
    close();
    scope = Scope.detached();
    long stream = 0;
    for (Parameter parameter : state().values()) {
      parameter.initialize(scope, device, new Philox(seed, stream++));
    }
  }

  /**
   * Everything that is saved, by name: learned parameters and statistics, in order. Where a layer
   * is in a network twice, its parameters have the name of its first place alone.
   */
  public final Map<String, Parameter> state() {
    Map<Parameter, String> names = new LinkedHashMap<>();
    collect("", names);
    Map<String, Parameter> state = new LinkedHashMap<>();
    names.forEach((parameter, name) -> state.put(name, parameter));
    return state;
  }

  /** What an optimizer changes. */
  public final Map<String, Parameter> trained() {
    return state().entrySet().stream()
        .filter(entry -> entry.getValue().isTrained())
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
  }

  /** What an optimizer changes of this layer alone, without the layers within. */
  final List<Parameter> ownTrained() {
    return own.values().stream().filter(Parameter::isTrained).toList();
  }

  /** The layers within, by name. */
  public final Map<String, Layer> children() {
    return Collections.unmodifiableMap(children);
  }

  /** What the layer is called in summaries and errors. */
  public String name() {
    return getClass().getSimpleName();
  }

  /** Frees the parameters and what was derived from them. */
  @Override
  public void close() {
    children.values().forEach(Layer::close);
    if (scope != null) {
      scope.close();
      scope = null;
    }
  }

  /**
   * Says that from now on this layer computes something else than its parameters tell, as when a
   * switch of it was set: steps that were recorded of it are recorded anew.
   */
  protected final void behaviourChanged() {
    behaviourChanges++;
  }

  final long behaviourChanges() {
    return behaviourChanges;
  }

  /** This layer, those within, and those within them; one that is there twice is there twice. */
  final List<Layer> withAllWithin() {
    List<Layer> all = new ArrayList<>();
    all.add(this);
    children.values().forEach(child -> all.addAll(child.withAllWithin()));
    return List.copyOf(all);
  }

  /** An input must hold images; the name of the layer is made for errors alone. */
  final void requireImages(Tensor x) {
    if (x.shape().rank() != 4) {
      Check.image(name(), "the input", x);
    }
  }

  /** Declares a parameter that training changes. */
  protected final Parameter learned(String name, Shape shape, Initializer initializer) {
    return declare(name, shape, initializer, true);
  }

  /** Declares an array that is saved with the weights but not learned. */
  protected final Parameter statistic(String name, Shape shape, Initializer initializer) {
    return declare(name, shape, initializer, false);
  }

  /** Declares a layer within this one. */
  protected final <L extends Layer> L add(String name, L layer) {
    Check.present(name(), "the name of a layer", name);
    Check.present(name(), "the layer " + name, layer);
    if (children.putIfAbsent(name, layer) != null) {
      throw new IllegalArgumentException(name() + " has two layers named " + name);
    }
    return layer;
  }

  private Parameter declare(String name, Shape shape, Initializer initializer, boolean isLearned) {
    Check.present(name(), "the name of a parameter", name);
    Check.present(name(), "the shape of " + name, shape);
    Check.present(name(), "the initializer of " + name, initializer);
    if (shape.count() > LARGEST_PARAMETER) {
      throw Check.failed(
          name(), name + " of " + shape + " has more than " + LARGEST_PARAMETER + " values");
    }
    Parameter parameter = new Parameter(shape, initializer, isLearned);
    if (own.putIfAbsent(name, parameter) != null) {
      throw new IllegalArgumentException(name() + " has two parameters named " + name);
    }
    return parameter;
  }

  private void collect(String prefix, Map<Parameter, String> names) {
    own.forEach((name, parameter) -> names.putIfAbsent(parameter, prefix + name));
    children.forEach((name, child) -> child.collect(prefix + name + ".", names));
  }
}
