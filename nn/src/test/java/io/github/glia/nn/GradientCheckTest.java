package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.kernels.elementwise.MultiplyPlan;
import io.github.glia.kernels.elementwise.ScalePlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The check finds what is wrong with a backward, and nothing wrong with a right one. */
final class GradientCheckTest extends DeviceTests {
  private static final Shape SHAPE = Shape.of(2, 3, 1, 5);

  /** y = w · x, element by element, with gradients multiplied by what may not be 1. */
  private static final class Product extends Layer {
    private final Parameter w = learned("w", SHAPE, Initializer.kaimingNormal());
    private final float inputFactor;
    private final float parameterFactor;

    Product(float inputFactor, float parameterFactor) {
      this.inputFactor = inputFactor;
      this.parameterFactor = parameterFactor;
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      MultiplyPlan multiply = MultiplyPlan.on(x.device(), new MultiplyPlan.Key(SHAPE, x.dtype()));
      ScalePlan scale = ScalePlan.on(x.device(), new ScalePlan.Key(SHAPE, x.dtype()));
      Tensor y = x.emptyLike();
      multiply.forward(x, w.value(), y);
      tape.record(
          y,
          dy -> {
            Tensor dx = x.emptyLike();
            Tensor dw = w.newGradient();
            multiply.backward(x, w.value(), dy, dx, dw);
            scale.forward(dx, inputFactor, dx);
            scale.forward(dw, parameterFactor, dw);
            w.add(dw);
            tape.add(x, dx);
          },
          x);
      return y;
    }
  }

  @TestFactory
  Stream<DynamicTest> passesARightBackward() {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Product(1, 1)) {
            layer.initialize(device, 1);
            Tensor x = random(device, 2, SHAPE.toArray());
            float[] xBefore = x.toFloats();
            float[] wBefore = value(layer, "w").toFloats();
            GradientCheck.require(layer, x, 1e-3);
            List<GradientCheck.Result> results = GradientCheck.run(layer, x);
            assertEquals(
                List.of("input", "w"), results.stream().map(GradientCheck.Result::of).toList());
            for (GradientCheck.Result result : results) {
              assertEquals(result.numeric(), result.analytic(), 1e-2, result::toString);
            }
            assertArrayEquals(xBefore, x.toFloats(), "the input is as it was");
            assertArrayEquals(wBefore, value(layer, "w").toFloats(), "so are the parameters");
            assertFalse(layer.state().get("w").hasGradient(), "no gradient is left");
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> failsAWrongGradientOfTheInput() {
    return failsOnly("input", 1.1f, 1);
  }

  @TestFactory
  Stream<DynamicTest> failsAWrongGradientOfAParameter() {
    return failsOnly("w", 1, -1);
  }

  @TestFactory
  Stream<DynamicTest> failsAGradientThatIsNan() {
    return failsOnly("input", Float.NaN, 1);
  }

  private static Stream<DynamicTest> failsOnly(String wrong, float onInput, float onParameter) {
    return onEveryDevice(
        device -> {
          try (Layer layer = new Product(onInput, onParameter)) {
            layer.initialize(device, 1);
            Tensor x = random(device, 2, SHAPE.toArray());
            AssertionError e =
                assertThrows(AssertionError.class, () -> GradientCheck.require(layer, x, 1e-2));
            assertTrue(e.getMessage().contains("the gradients of Product are off"), e::toString);
            for (GradientCheck.Result result : GradientCheck.run(layer, x)) {
              assertEquals(!result.of().equals(wrong), result.error() <= 1e-2, result::toString);
              assertTrue(e.getMessage().contains(result.toString()), e::toString);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> saysWhereAGradientIsMissing() {
    return onEveryDevice(
        device -> {
          Tensor x = random(device, 2, SHAPE.toArray());
          Layer forgetful =
              new Layer() {
                @Override
                protected Tensor compute(Tape tape, Tensor in) {
                  Tensor y = in.emptyLike();
                  y.copyFrom(in);
                  tape.record(y, dy -> {});
                  return y;
                }
              };
          refused(
              IllegalStateException.class,
              "nothing depends on it",
              () -> GradientCheck.run(forgetful, x));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatItCannotCheck() {
    return onEveryDevice(
        device -> {
          Layer relu = Activate.relu();
          Tensor x = random(device, 2, 3, 3);
          refused("the layer is null", () -> GradientCheck.run(null, x));
          refused("the input is null", () -> GradientCheck.run(relu, null));
          Tensor bytes = Tensor.zeros(device, DType.U8, Shape.of(3));
          refused("the input must be F32", () -> GradientCheck.run(relu, bytes));
          Layer uninitialized = new Conv2d(3, 3, 1);
          refused(
              IllegalStateException.class,
              "call initialize(device, seed)",
              () -> GradientCheck.run(uninitialized, random(device, 1, 1, 2, 2, 3)));
        });
  }

  @TestFactory
  Stream<DynamicTest> namesTheParameterThatBackwardForgot() {
    return onEveryDevice(
        device -> {
          Layer forgetful =
              new Layer() {
                private final Parameter w = learned("w", SHAPE, Initializer.kaimingNormal());

                @Override
                protected Tensor compute(Tape tape, Tensor x) {
                  return Multiply.forward(tape, x, w.value());
                }
              };
          try (forgetful) {
            forgetful.initialize(device, 1);
            refused(
                IllegalStateException.class,
                "adds nothing to the gradient of w",
                () -> GradientCheck.run(forgetful, random(device, 2, SHAPE.toArray())));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> putsRunningStatisticsBack() {
    return onEveryDevice(
        device -> {
          try (Layer norm = new BatchNorm2d(5)) {
            norm.initialize(device, 1);
            GradientCheck.require(norm, random(device, 2, 2, 3, 4, 5), 1e-2);
            assertArrayEquals(new float[5], value(norm, "running_mean").toFloats());
            assertArrayEquals(new float[] {1, 1, 1, 1, 1}, value(norm, "running_var").toFloats());
          }
        });
  }
}
