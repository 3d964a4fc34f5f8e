package io.github.glia.unet.doctor;

import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.conv.ReferenceConv2d;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.kernels.linear.ReferenceLinear;
import io.github.glia.kernels.update.ReferenceUpdate;
import io.github.glia.kernels.update.Sgd;
import io.github.glia.kernels.update.SgdPlan;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution, a matrix product and an update of weights, small ones, as the plain-Java
 * references compute them and as a device does. Values are small integers, whose sums are exact
 * also where a device rounds its factors.
 */
public final class SelfTest {
  private static final double TOLERANCE = 1e-5;

  /**
   * What came out of one operation.
   *
   * @param error the distance to the reference, relative to it, in the L2 norm
   */
  public record Result(String operation, double error) {
    /** Not where the error is NaN. */
    public boolean passed() {
      return error <= TOLERANCE;
    }
  }

  private final Device device;
  private final List<Result> results = new ArrayList<>();

  private SelfTest(Device device) {
    this.device = device;
  }

  /** Computes on a device, for less than a second. */
  public static List<Result> of(Device device) {
    SelfTest test = new SelfTest(device);
    try (Scope scope = Scope.open()) {
      test.convolution();
      test.matrixProduct();
      test.update();
    }
    return test.results;
  }

  private void convolution() {
    Conv2dShape shape = Conv2dShape.same(2, 16, 16, 8, 16, 3);
    double[] x = integers(shape.input(), 7);
    double[] w = integers(shape.weights(), 5);
    double[] dy = integers(shape.output(), 3);
    Conv2dPlan plan =
        Conv2dPlan.on(device, new Conv2dPlan.Key(shape, DType.F32, DType.F32, false, false));
    Tensor y = Tensor.empty(device, DType.F32, shape.output());
    Tensor dx = Tensor.empty(device, DType.F32, shape.input());
    Tensor dw = Tensor.empty(device, DType.F32, shape.weights());
    plan.forward(on(shape.input(), x), on(shape.weights(), w), null, y);
    plan.backwardData(on(shape.output(), dy), on(shape.weights(), w), dx);
    plan.backwardWeights(on(shape.input(), x), on(shape.output(), dy), dw, null);
    double[] noBias = new double[shape.outChannels()];
    compare("convolution", ReferenceConv2d.forward(shape, x, w, noBias), y);
    compare("gradient of its images", ReferenceConv2d.backwardData(shape, dy, w), dx);
    compare("gradient of its weights", ReferenceConv2d.backwardWeights(shape, x, dy), dw);
  }

  private void matrixProduct() {
    LinearShape shape = new LinearShape(64, 32, 48);
    double[] x = integers(shape.input(), 7);
    double[] w = integers(shape.weights(), 5);
    double[] b = integers(shape.bias(), 3);
    Tensor y = Tensor.empty(device, DType.F32, shape.output());
    LinearPlan.on(device, new LinearPlan.Key(shape, DType.F32, true))
        .forward(on(shape.input(), x), on(shape.weights(), w), on(shape.bias(), b), y);
    compare("matrix product", ReferenceLinear.forward(shape, x, w, b), y);
  }

  private void update() {
    Shape shape = Shape.of(1000);
    Sgd sgd = new Sgd(0, false, 0.5);
    double[] w = integers(shape, 7);
    double[] g = integers(shape, 5);
    Tensor updated = on(shape, w);
    SgdPlan.on(device, new SgdPlan.Key(sgd))
        .step(List.of(updated), List.of(on(shape, g)), null, 0.25f, 1, true);
    ReferenceUpdate.sgd(sgd, w, g, null, 0.25, 1, true);
    compare("update", w, updated);
  }

  /** From −range/2 to range/2, over and over with a shift. */
  private static double[] integers(Shape shape, int range) {
    double[] values = new double[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i + i / range / 3) % range - range / 2;
    }
    return values;
  }

  private Tensor on(Shape shape, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(device, shape, floats);
  }

  private void compare(String operation, double[] expected, Tensor actual) {
    results.add(new Result(operation, error(expected, actual.toFloats())));
  }

  static double error(double[] expected, float[] actual) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      size += expected[i] * expected[i];
    }
    return Math.sqrt(difference / size);
  }
}
