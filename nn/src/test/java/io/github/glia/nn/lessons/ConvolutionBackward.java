package io.github.glia.nn.lessons;

import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.conv.ReferenceConv2d;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Tensor;
import java.util.Arrays;

/** The gradient of a convolution's input is a convolution with the flipped kernel. */
public final class ConvolutionBackward {
  /** One image of 1×5 with one channel, a kernel of 1×3, and a zero on either side. */
  private static final Conv2dShape SHAPE =
      new Conv2dShape(1, 1, 5, 1, 1, 1, 3, 1, 1, 0, 1, 1, 1, 1);

  private static final double[] KERNEL = {1, 2, 3};
  private static final double[] FLIPPED = {3, 2, 1};

  private ConvolutionBackward() {}

  public static void main(String[] args) {
    double[] x = {1, 4, 5, 6, 2};
    print("x", x);
    print("y = x convolved", ReferenceConv2d.forward(SHAPE, x, KERNEL, null));

    double[] dy = {0, 0, 1, 0, 0};
    print("dy", dy);
    print("wrong: dy with the kernel", ReferenceConv2d.forward(SHAPE, dy, KERNEL, null));
    print("right: dy with it flipped", ReferenceConv2d.forward(SHAPE, dy, FLIPPED, null));
    print("ReferenceConv2d.backwardData", ReferenceConv2d.backwardData(SHAPE, dy, KERNEL));
    print("the plan of the CPU", planned(Device.cpu(), dy));
    print("dw", ReferenceConv2d.backwardWeights(SHAPE, x, dy));
  }

  private static double[] planned(Device device, double[] dy) {
    Conv2dPlan plan =
        Conv2dPlan.on(device, new Conv2dPlan.Key(SHAPE, DType.F32, DType.F32, false, false));
    try (Scope scope = Scope.open()) {
      Tensor dx = Tensor.empty(device, DType.F32, SHAPE.input());
      plan.backwardData(
          Tensor.of(device, SHAPE.output(), floats(dy)),
          Tensor.of(device, SHAPE.weights(), floats(KERNEL)),
          dx);
      double[] values = new double[5];
      float[] read = dx.toFloats();
      Arrays.setAll(values, i -> read[i]);
      return values;
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static void print(String what, double[] values) {
    System.out.printf("%-28s %s%n", what, Arrays.toString(values));
  }
}
