package io.github.glia.nn;

import io.github.glia.kernels.Check;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Compares the gradients that a layer's backward computes with differences of its forward. For y =
 * f(x), a random dy and random directions v, both sides of
 *
 * <pre>  (⟨dy, f(x + h·v)⟩ − ⟨dy, f(x − h·v)⟩) / 2h  =  ⟨dx, v⟩</pre>
 *
 * are computed, and the same for each parameter. Forward computes in F32, so the two agree to about
 * 1e-3; a gradient that is wrong is off by far more.
 */
public final class GradientCheck {
  private static final float STEP = 1e-2f;
  private static final int DIRECTIONS = 3;
  private static final long SEED = 20;

  private final Layer layer;
  private final Tensor x;

  /**
   * How far backward is from finite differences.
   *
   * @param of "input" or the name of a parameter
   * @param numeric the difference quotient along the worst direction
   * @param analytic what backward says of it
   * @param error their difference, relative to the length of the gradient
   */
  public record Result(String of, double numeric, double analytic, double error) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: differences give %.6g, backward %.6g, relative error %.2g",
          of,
          numeric,
          analytic,
          error);
    }
  }

  private GradientCheck(Layer layer, Tensor x) {
    this.layer = layer;
    this.x = x;
  }

  /** The results for the input and for each learned parameter of an initialized layer. */
  public static List<Result> run(Layer layer, Tensor x) {
    Check.present("gradient check", "the layer", layer);
    Check.present("gradient check", "the input", x);
    if (x.dtype() != DType.F32) {
      throw Check.failed("gradient check", "the input must be F32, but is " + x);
    }
    return new GradientCheck(layer, x).runAndPutBack();
  }

  /**
   * Requires that no relative error is above the tolerance; 1e-2 tells right from wrong.
   *
   * @throws AssertionError if one is, with all results
   */
  public static void require(Layer layer, Tensor x, double tolerance) {
    List<Result> results = run(layer, x);
    if (results.stream().anyMatch(result -> !(result.error <= tolerance))) {
      throw new AssertionError(
          "the gradients of "
              + layer.name()
              + " are off by more than "
              + tolerance
              + ":"
              + results.stream()
                  .map(result -> System.lineSeparator() + "  " + result)
                  .collect(Collectors.joining()));
    }
  }

  private List<Result> run() {
    Map<String, Tensor> arguments = new LinkedHashMap<>();
    arguments.put("input", x);
    Map<String, Parameter> parameters = layer.trained();
    parameters.forEach((name, parameter) -> arguments.put(name, parameter.value()));
    Map<String, float[]> gradients = new LinkedHashMap<>();
    float[] dy;
    try (Scope step = Scope.open()) {
      Tape tape = Tape.training(SEED, 0);
      tape.watch(x);
      parameters.values().forEach(Parameter::clearGradient);
      Tensor y = layer.forward(tape, x);
      dy = gaussian(y, 1);
      tape.backward(y, Tensor.of(y.device(), y.dtype(), y.shape(), dy));
      gradients.put("input", tape.gradient(x).toFloats());
      parameters.forEach(
          (name, parameter) -> {
            if (!parameter.hasGradient()) {
              throw new IllegalStateException(
                  "the backward of "
                      + layer.name()
                      + " adds nothing to the gradient of "
                      + name
                      + ": write newGradient() of it, and call add");
            }
            gradients.put(name, parameter.gradient().toFloats());
          });
    }
    List<Result> results = new ArrayList<>();
    arguments.forEach(
        (name, argument) -> results.add(worst(name, argument, gradients.get(name), dy)));
    return results;
  }

  /** Forward in training moves running statistics: they are put back, as all else is. */
  private List<Result> runAndPutBack() {
    Map<Parameter, float[]> before = new HashMap<>();
    layer.state().values().forEach(p -> before.put(p, p.value().toFloats()));
    float[] input = x.toFloats();
    try {
      return run();
    } finally {
      before.forEach((parameter, values) -> parameter.value().copyFrom(values));
      layer.trained().values().forEach(Parameter::clearGradient);
      x.copyFrom(input);
    }
  }

  private Result worst(String name, Tensor argument, float[] gradient, float[] dy) {
    float[] original = argument.toFloats();
    Result worst = null;
    for (int k = 0; k < DIRECTIONS; k++) {
      float[] v = gaussian(argument, 2 + k);
      double numeric =
          (valueAt(argument, original, v, STEP, dy) - valueAt(argument, original, v, -STEP, dy))
              / (2 * STEP);
      double analytic = dot(gradient, v);
      double error =
          Math.abs(numeric - analytic) / Math.max(Math.sqrt(dot(gradient, gradient)), 1e-3);
      if (worst == null || !(error <= worst.error)) {
        worst = new Result(name, numeric, analytic, error);
      }
    }
    argument.copyFrom(original);
    return worst;
  }

  /** ⟨dy, f⟩ where an argument is moved by h·v. */
  private double valueAt(Tensor argument, float[] original, float[] v, float h, float[] dy) {
    float[] moved = new float[original.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = original[i] + h * v[i];
    }
    argument.copyFrom(moved);
    try (Scope step = Scope.open()) {
      return dot(layer.forward(Tape.training(SEED, 0), x).toFloats(), dy);
    }
  }

  private static float[] gaussian(Tensor like, long stream) {
    Philox random = new Philox(SEED, stream);
    float[] values = new float[Math.toIntExact(like.count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
