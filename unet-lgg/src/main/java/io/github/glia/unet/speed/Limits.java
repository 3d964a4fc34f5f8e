package io.github.glia.unet.speed;

import io.github.glia.kernels.conv.Conv2dPlan;
import io.github.glia.kernels.conv.Conv2dShape;
import io.github.glia.kernels.conv.QuantizedConv2dPlan;
import io.github.glia.kernels.elementwise.AddPlan;
import io.github.glia.kernels.linear.LinearPlan;
import io.github.glia.kernels.linear.LinearShape;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;

/**
 * What a device reached at its best, measured: the fastest call of each kind.
 *
 * @param gigaflops 10⁹ multiplications and additions a second, of the faster of a large matrix
 *     product and a convolution of many channels with packed weights: what the vendor's library
 *     makes of the arithmetic units, and so somewhat below what the hardware could do
 * @param gigabytes 10⁹ bytes read and written a second, of the faster of a copy and a sum of arrays
 *     that no cache holds; what fits into a cache can be faster
 */
public record Limits(double gigaflops, double gigabytes) {
  private static final double SECONDS = 0.5;
  private static final long SHORTEST_ROW = 10_000_000;
  private static final int ROWS = 8192;
  private static final int FEATURES = 1024;
  private static final int ARRAY = 1 << 26;

  /**
   * Without padding, since with it the CPU takes an algorithm of fewer products than the formula.
   */
  private static final Conv2dShape CONVOLUTION =
      new Conv2dShape(4, 66, 66, 256, 256, 3, 3, 1, 1, 0, 0, 1, 1, 1);

  /** Takes two seconds or a little more. */
  public static Limits measure(Device device, DType type) {
    double arithmetic =
        type == DType.I8
            ? convolutionOfBytes(device)
            : Math.max(product(device, type), convolution(device, type));
    return new Limits(arithmetic, bandwidth(device));
  }

  /** The better of two measurements, of a machine that was disturbed in one of them. */
  public Limits better(Limits other) {
    return new Limits(Math.max(gigaflops, other.gigaflops), Math.max(gigabytes, other.gigabytes));
  }

  /**
   * How much of the limit a call reached, in percent: of arithmetic or of memory, whichever it is
   * nearer to.
   */
  public double percent(double flops, double bytes, double milliseconds) {
    double seconds = milliseconds * 1e-3;
    return 100 * Math.max(flops / seconds / (gigaflops * 1e9), bytes / seconds / (gigabytes * 1e9));
  }

  private static double product(Device device, DType type) {
    LinearShape shape = new LinearShape(ROWS, FEATURES, FEATURES);
    LinearPlan plan = LinearPlan.on(device, new LinearPlan.Key(shape, type, false));
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, type, shape.input());
      Tensor w = Tensor.zeros(device, DType.F32, shape.weights());
      Tensor y = Tensor.empty(device, type, shape.output());
      return shape.flops() / fastest(device, () -> plan.forward(x, w, null, y));
    }
  }

  private static double convolution(Device device, DType type) {
    Conv2dShape shape = CONVOLUTION;
    Conv2dPlan plan = Conv2dPlan.on(device, new Conv2dPlan.Key(shape, type, type, false, false));
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, type, shape.input());
      Tensor w = Tensor.zeros(device, DType.F32, shape.weights());
      Tensor y = Tensor.empty(device, type, shape.output());
      Tensor packed = Tensor.empty(device, DType.U8, Shape.of(Math.toIntExact(plan.packedBytes())));
      plan.pack(w, packed);
      return shape.flops() / fastest(device, () -> plan.forwardPacked(x, packed, null, y));
    }
  }

  private static double convolutionOfBytes(Device device) {
    Conv2dShape shape = CONVOLUTION;
    QuantizedConv2dPlan plan =
        QuantizedConv2dPlan.on(
            device, new QuantizedConv2dPlan.Key(shape, DType.I8, DType.I8, false));
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(device, DType.I8, shape.input());
      Tensor w = Tensor.zeros(device, DType.F32, shape.weights());
      Tensor channels = Tensor.zeros(device, DType.F32, shape.bias());
      Tensor y = Tensor.empty(device, DType.I8, shape.output());
      Tensor packed = Tensor.empty(device, DType.U8, Shape.of(Math.toIntExact(plan.packedBytes())));
      plan.pack(w, packed);
      return shape.flops() / fastest(device, () -> plan.forward(x, packed, channels, channels, y));
    }
  }

  private static double bandwidth(Device device) {
    Shape shape = Shape.of(ARRAY);
    AddPlan sum = AddPlan.on(device, new AddPlan.Key(shape, DType.F32));
    try (Scope scope = Scope.open()) {
      Tensor from = Tensor.zeros(device, DType.F32, shape);
      Tensor to = Tensor.zeros(device, DType.F32, shape);
      double copied = 2.0 * from.bytes() / fastest(device, () -> to.copyFrom(from));
      double added = 3.0 * from.bytes() / fastest(device, () -> sum.forward(to, from, to));
      return Math.max(copied, added);
    }
  }

  /**
   * The time of a call in the fastest row of calls, in nanoseconds. A GPU is waited for once in a
   * row, since that takes as long as the work of a call may.
   */
  private static double fastest(Device device, Runnable call) {
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    double fastest = Double.MAX_VALUE;
    int calls = 1;
    do {
      long start = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        call.run();
      }
      device.synchronize();
      long row = System.nanoTime() - start;
      fastest = Math.min(fastest, (double) row / calls);
      if (row < SHORTEST_ROW) {
        calls *= 2;
      }
    } while (System.nanoTime() < end);
    return fastest;
  }
}
