package io.github.glia.kernels.conv;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.kernels.Case;
import io.github.glia.kernels.KernelContract;
import io.github.glia.kernels.cpu.CpuBackend;
import io.github.glia.kernels.cpu.SharedMemory;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Bands, which the contract's small images never have. */
final class OneDnnWeightsGradientTest extends KernelContract {
  @TestFactory
  Stream<DynamicTest> bandsAddUpToTheGradientOfAllRows() {
    return onEveryDevice(
        60, List.of(DType.F32, DType.BF16), OneDnnWeightsGradientTest::compareWithReference);
  }

  @TestFactory
  Stream<DynamicTest> imagesOfPartsAddUpToTheGradientOfAll() {
    return onEveryDevice(
        20,
        List.of(DType.F32, DType.BF16),
        c -> {
          assumeTrue(Backend.of(c.device()) instanceof CpuBackend, "parts are of the CPU");
          Conv2dShape ofOne = shape(c);
          int parts = c.between(2, 3);
          Conv2dShape s = ofOne.of(parts * c.between(1, 3), ofOne.height(), ofOne.width());
          gradientsMatchTheReference(
              c, (CpuBackend) Backend.of(c.device()), s, ConvolvedParts.images(s, parts));
        });
  }

  private static void compareWithReference(Case c) {
    assumeTrue(Backend.of(c.device()) instanceof CpuBackend, "bands are of the CPU");
    CpuBackend cpu = (CpuBackend) Backend.of(c.device());
    Conv2dShape s = shape(c);
    gradientsMatchTheReference(c, cpu, s, ConvolvedParts.bands(s, c.between(1, s.outHeight())));
  }

  private static void gradientsMatchTheReference(
      Case c, CpuBackend cpu, Conv2dShape s, ConvolvedParts parts) {
    boolean bias = c.random().nextBoolean();
    double[] x = c.integers(s.input(), 4);
    double[] dy = c.integers(s.output(), 4);
    Tensor xt = c.tensor(s.input(), x);
    Tensor dyt = c.tensor(s.output(), dy);
    Tensor dw = c.output(DType.F32, s.weights());
    Tensor db = bias ? c.output(DType.F32, s.bias()) : null;
    OneDnnWeightsGradient gradient =
        new OneDnnWeightsGradient(
            cpu,
            "test",
            new Conv2dPlan.Key(s, c.type(), c.type(), bias, false),
            ConvolvedRows.all(s).plainWeights(),
            parts);
    synchronized (cpu) {
      gradient.run(xt, dyt.address(), dw, db, cpu.workspace(gradient.scratchBytes()));
    }
    gradient.close();
    String what = s + " in " + parts.count() + " parts";
    assertClose("dw " + what, ReferenceConv2d.backwardWeights(s, x, dy), read(dw), 0);
    if (bias) {
      assertClose("db " + what, ReferenceConv2d.backwardBias(s, dy), read(db), 0);
    }
  }

  /** What other operations left in the memory that all share must not be read. */
  @TestFactory
  Stream<DynamicTest> narrowImagesAtEverySecondColumnReadNothingElse() {
    return onEveryDevice(
        60,
        List.of(DType.F32, DType.BF16),
        c -> {
          assumeTrue(Backend.of(c.device()) instanceof CpuBackend, "it is of the CPU");
          CpuBackend cpu = (CpuBackend) Backend.of(c.device());
          SharedMemory.poison(c.device());
          int kernel = c.between(1, 3);
          Conv2dShape s =
              new Conv2dShape(
                  c.between(1, 3),
                  c.between(1, 9),
                  c.between(1, 2),
                  c.oneOf(1, 3, 16, 19),
                  c.oneOf(2, 5, 16, 17),
                  c.between(1, 3),
                  kernel,
                  c.between(1, 2),
                  c.between(2, 3),
                  1,
                  c.between(kernel / 2, kernel - 1),
                  1,
                  1,
                  1);
          gradientsMatchTheReference(c, cpu, s, ConvolvedParts.all(s));
        });
  }

  private static Conv2dShape shape(Case c) {
    int groups = c.oneOf(1, 1, 2);
    int kernel = c.between(1, 4);
    int dilation = c.between(1, 2);
    int reach = dilation * (kernel - 1) + 1;
    return new Conv2dShape(
        c.between(1, 3),
        c.between(8, 19),
        c.between(8, 13),
        groups * c.oneOf(1, 3, 16),
        groups * c.oneOf(2, 5, 16),
        kernel,
        c.between(1, 3),
        c.between(1, 3),
        c.between(1, 2),
        c.between(0, Math.min(3, reach - 1)),
        c.between(0, 2),
        dilation,
        1,
        groups);
  }

  @TestFactory
  Stream<DynamicTest> imagesAddUpWhereRowsAreMadeOfPaddingAlone() {
    return onEveryDevice(
        20,
        List.of(DType.F32, DType.BF16),
        c -> {
          assumeTrue(Backend.of(c.device()) instanceof CpuBackend, "images are of the CPU");
          int padding = c.between(1, 3);
          Conv2dShape s =
              new Conv2dShape(
                  c.between(2, 4),
                  5,
                  6,
                  c.oneOf(1, 3, 16),
                  c.oneOf(2, 16),
                  1,
                  1,
                  1,
                  1,
                  padding,
                  padding,
                  1,
                  1,
                  1);
          gradientsMatchTheReference(
              c, (CpuBackend) Backend.of(c.device()), s, ConvolvedParts.bands(s, s.outHeight()));
        });
  }
}
