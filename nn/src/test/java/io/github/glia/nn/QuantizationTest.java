package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class QuantizationTest extends DeviceTests {
  private static Stream<DynamicTest> whereBytesAreMultiplied(Body body) {
    return onEveryDevice(
        device -> {
          assumeTrue(device.computes(DType.I8), device + " does not multiply bytes");
          body.run(device);
        });
  }

  /** Whole numbers, of which the largest is 127 or −127, so that a step is 1. */
  private static Tensor bytes(Device device, long seed, Shape shape, boolean negative) {
    Philox random = new Philox(seed, 0);
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      float value = Math.round(random.nextFloat() * 127);
      values[i] = negative && random.nextFloat() < 0.5f ? -value : value;
    }
    values[0] = negative ? -127 : 255;
    return Tensor.of(device, shape, values);
  }

  /** Gives each output channel of the weights a largest value of 127. */
  private static void setBytes(Device device, Parameter weight, long seed, boolean transposed) {
    Tensor whole = bytes(device, seed, weight.shape(), true);
    float[] values = whole.toFloats();
    int outputs = weight.shape().size(transposed ? -1 : 0);
    for (int o = 0; o < outputs; o++) {
      values[transposed ? o : o * (values.length / outputs)] = o % 2 == 0 ? 127 : -127;
    }
    weight.value().copyFrom(values);
  }

  @TestFactory
  Stream<DynamicTest> isExactOnWholeNumbers() {
    return whereBytesAreMultiplied(
        device -> {
          for (boolean negative : new boolean[] {false, true}) {
            for (int groups : new int[] {1, 2}) {
              Conv2d conv =
                  Conv2d.builder(4, 6, 3).groups(groups).relu().outputType(DType.F32).build();
              conv.initialize(device, 1);
              setBytes(device, conv.weight(), 2, false);
              Tensor x = bytes(device, 3, Shape.of(2, 7, 5, 4), negative);
              try (Quantization quantization = Quantization.of(conv, x)) {
                assertArrayEquals(
                    conv.predict(x).toFloats(), quantization.predict(x).toFloats(), 0.01f);
              }
              conv.close();
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> aTransposedConvolutionIsRoundedToItsStep() {
    return whereBytesAreMultiplied(
        device -> {
          ConvTranspose2d up = new ConvTranspose2d(4, 4, 2, 2); // as many in as out
          up.initialize(device, 1);
          setBytes(device, up.state().get("weight"), 2, true);
          Tensor x = bytes(device, 3, Shape.of(2, 6, 5, 4), true);
          float[] expected = up.predict(x).toFloats();
          float largest = 0;
          for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
          }
          try (Quantization quantization = Quantization.of(up, x)) {
            assertArrayEquals(expected, quantization.predict(x).toFloats(), largest / 127 * 0.501f);
          }
          up.close();
        });
  }

  /** Levels, skips, statistics that are not those of a new network. */
  private static final class Net extends Layer {
    private final Layer down;
    private final Layer pool;
    private final Layer bottom;
    private final Layer up;
    private final Layer join;
    private final Layer head;
    private final boolean joinsItself;

    Net(Device device, boolean joinsItself) {
      this(device, joinsItself, Norm.BATCH);
    }

    Net(Device device, boolean joinsItself, Norm norm) {
      this.joinsItself = joinsItself;
      down = add("down", new ConvNormRelu(3, 8, 3, norm));
      pool = add("pool", new MaxPool2d(2));
      bottom = add("bottom", new ConvNormRelu(8, 16, 3, Norm.NONE));
      up = add("up", new ConvTranspose2d(16, 8, 2, 2));
      join = add("join", new ConvNormRelu(16, 8, 3, norm));
      head = add("head", Conv2d.builder(8, 2, 1).outputType(DType.F32).build());
      initialize(device, 5);
      state()
          .forEach(
              (name, parameter) -> {
                if (name.contains("norm")) {
                  Tensor value = parameter.value();
                  float[] random = new float[(int) value.count()];
                  Philox philox = new Philox(name.hashCode(), 0);
                  for (int i = 0; i < random.length; i++) {
                    random[i] = 0.5f + philox.nextFloat();
                  }
                  value.copyFrom(random);
                }
              });
    }

    @Override
    protected Tensor compute(Tape tape, Tensor x) {
      Tensor skip = down.forward(tape, x);
      Tensor h = up.forward(tape, bottom.forward(tape, pool.forward(tape, skip)));
      Tensor joined =
          joinsItself
              ? join.forward(tape, Concat.forward(tape, h, skip))
              : join.forward(tape, h, skip);
      return head.forward(tape, joined);
    }
  }

  @TestFactory
  Stream<DynamicTest> aNetworkIsNearlyWhatItWas() {
    return whereBytesAreMultiplied(
        device -> {
          for (Norm norm : Norm.values()) {
            nearlyWhatItWas(device, new Net(device, false, norm));
            if (norm == Norm.BATCH || norm == Norm.NONE) { // others' floats and bytes do not mix
              nearlyWhatItWas(device, new Net(device, true, norm));
            }
          }
        });
  }

  private static void nearlyWhatItWas(Device device, Net net) {
    try (net;
        Quantization bytes =
            Quantization.of(net, random(device, 1, 4, 12, 8, 3), random(device, 2, 4, 12, 8, 3))) {
      Tensor x = random(device, 3, 2, 8, 12, 3);
      float[] expected = net.predict(x).toFloats();
      double error = relativeError(expected, bytes.predict(x).toFloats());
      assertTrue(error > 0 && error < 0.03, "error " + error);
      Tensor bf16 = Cast.forward(Tape.inference(), x, DType.BF16);
      double ofBf16 = relativeError(expected, bytes.predict(bf16).toFloats());
      assertTrue(ofBf16 < 0.03, "error of a BF16 input " + ofBf16);
    }
  }

  @TestFactory
  Stream<DynamicTest> takesOverWeightsThatChange() {
    return whereBytesAreMultiplied(
        device -> {
          Tensor x = random(device, 1, 1, 8, 8, 3);
          try (Net net = new Net(device, false);
              Quantization bytes = Quantization.of(net, x)) {
            float[] before = bytes.predict(x).toFloats();
            assertArrayEquals(before, bytes.predict(x).toFloats());
            Tensor head = net.state().get("head.weight").value();
            float[] half = head.toFloats();
            for (int i = 0; i < half.length; i++) {
              half[i] /= 2;
            }
            head.copyFrom(half);
            net.state().get("head.bias").value().zero();
            float[] after = bytes.predict(x).toFloats();
            try (Quantization again = Quantization.of(net, x)) {
              assertArrayEquals(again.predict(x).toFloats(), after, 1e-5f);
            }
            half[0] = Float.NaN;
            head.copyFrom(half);
            refused("has become NaN", () -> bytes.predict(x));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatItCannotQuantize() {
    return whereBytesAreMultiplied(
        device -> {
          Tensor x = random(device, 1, 1, 4, 4, 3);
          refused("there are no examples", () -> Quantization.of(Activate.relu()));
          refused(
              "has no convolution that computes in bytes",
              () -> Quantization.of(Activate.relu(), x));
          Layer norm =
              new Sequential(new Conv2d(3, 4, 3), new GroupNorm(2, 4), new Conv2d(4, 1, 1));
          norm.initialize(device, 1);
          try (Quantization bytes = Quantization.of(norm, x)) {
            refused("does not compute in I8", () -> bytes.predict(x));
          }
          Tensor nan = Tensor.of(device, x.shape(), new float[(int) x.count()]);
          float[] one = nan.toFloats();
          one[5] = Float.NaN;
          nan.copyFrom(one);
          refused("computes NaN", () -> Quantization.of(norm, nan));
          norm.close();
        });
  }

  @TestFactory
  Stream<DynamicTest> isRefusedWhereBytesAreNotMultiplied() {
    return onEveryDevice(
        device -> {
          if (!device.computes(DType.I8)) {
            try (Layer conv = new Conv2d(3, 1, 3)) {
              conv.initialize(device, 1);
              Tensor x = random(device, 1, 1, 4, 4, 3);
              refused("does not compute in I8", () -> Quantization.of(conv, x));
            }
          }
        });
  }
}
