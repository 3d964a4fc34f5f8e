package io.github.glia.kernels.concat;

import static io.github.glia.kernels.Case.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.glia.kernels.Case;
import io.github.glia.kernels.FiniteDifferences;
import io.github.glia.kernels.KernelContract;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ConcatContract extends KernelContract {
  private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

  private static ConcatShape shape(Case c) {
    List<Integer> channels = new ArrayList<>();
    int inputs = c.between(1, 4);
    boolean wide = c.random().nextBoolean();
    for (int m = 0; m < inputs; m++) {
      channels.add(wide ? c.oneOf(32, 33, 48, 64) : c.oneOf(1, 2, 3, 5, 8, 16, 17));
    }
    return new ConcatShape(c.between(1, 3), c.between(1, 13), c.between(1, 13), channels);
  }

  @TestFactory
  Stream<DynamicTest> copiesExactly() {
    List<DType> types = List.of(DType.F32, DType.BF16, DType.F16, DType.I8);
    return onEveryDevice(60, types, c -> compare(c, shape(c), false));
  }

  @TestFactory
  Stream<DynamicTest> copiesWhatIsNotFinite() {
    return onEveryDevice(20, TYPES, c -> compare(c, shape(c), true));
  }

  @TestFactory
  Stream<DynamicTest> copiesViewsThatBeginAnywhere() {
    return onEveryDevice(
        4,
        TYPES,
        c -> {
          ConcatShape s = new ConcatShape(2, 3, 5, List.of(16, 8));
          ConcatPlan plan = ConcatPlan.on(c.device(), new ConcatPlan.Key(s, c.type()));
          List<double[]> xs = List.of(c.values(s.input(0)), c.values(s.input(1)));
          Tensor a = c.unaligned(s.input(0), xs.get(0));
          Tensor b = c.unaligned(s.input(1), xs.get(1));
          Tensor y = c.unaligned(s.output(), c.values(s.output()));
          plan.forward(List.of(a, b), y);
          assertSame("y", ReferenceConcat.forward(s, xs), read(y));
          a.zero();
          b.zero();
          plan.backward(y, List.of(a, b));
          assertSame("da", xs.get(0), read(a));
          assertSame("db", xs.get(1), read(b));
        });
  }

  private static void compare(Case c, ConcatShape s, boolean notFinite) {
    ConcatPlan plan = ConcatPlan.on(c.device(), new ConcatPlan.Key(s, c.type()));
    List<double[]> xs = new ArrayList<>();
    List<Tensor> xts = new ArrayList<>();
    List<Tensor> dxs = new ArrayList<>();
    List<Tensor> wanted = new ArrayList<>();
    for (int m = 0; m < s.inputs(); m++) {
      double[] x = c.values(s.input(m));
      if (notFinite) {
        x[c.between(0, x.length - 1)] = c.oneOf(Double.NaN, Double.POSITIVE_INFINITY);
      }
      xs.add(x);
      xts.add(c.tensor(s.input(m), x));
      dxs.add(c.output(s.input(m)));
      wanted.add(c.random().nextBoolean() ? c.output(s.input(m)) : null);
    }
    Tensor y = c.output(s.output());
    plan.forward(xts, y);
    assertArrayEquals(ReferenceConcat.forward(s, xs), read(y), 0, () -> "y " + s);

    plan.backward(y, dxs);
    plan.backward(y, wanted);
    List<double[]> expected = ReferenceConcat.backward(s, read(y));
    for (int m = 0; m < s.inputs(); m++) {
      assertArrayEquals(expected.get(m), read(dxs.get(m)), 0, "dx of " + s);
      if (wanted.get(m) != null) {
        assertArrayEquals(expected.get(m), read(wanted.get(m)), 0, "wanted dx of " + s);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> referenceGradientsMatchFiniteDifferences() {
    return onEveryDevice(
        20,
        c -> {
          ConcatShape s = shape(c);
          List<double[]> xs = new ArrayList<>();
          for (int m = 0; m < s.inputs(); m++) {
            xs.add(c.values(s.input(m)));
          }
          double[] dy = c.values(s.output());
          for (int m = 0; m < s.inputs(); m++) {
            int changed = m;
            FiniteDifferences.check(
                "dx " + m,
                v -> {
                  List<double[]> moved = new ArrayList<>(xs);
                  moved.set(changed, v);
                  return ReferenceConcat.forward(s, moved);
                },
                xs.get(m),
                dy,
                ReferenceConcat.backward(s, dy).get(m));
          }
        });
  }

  /**
   * oneDNN's concat calls itself simple on the CPU, but is the fastest for wide rows; for others it
   * must not be taken.
   */
  @TestFactory
  Stream<DynamicTest> runsNoSlowImplementation() {
    return onEveryDevice(
        6,
        TYPES,
        c -> {
          int channels = c.oneOf(3, 17, 32, 64, 256);
          ConcatShape s = new ConcatShape(1, 16, 16, List.of(channels, channels, 1));
          ConcatPlan plan = ConcatPlan.on(c.device(), new ConcatPlan.Key(s, c.type()));
          List<Tensor> xs =
              List.of(c.output(s.input(0)), c.output(s.input(1)), c.output(s.input(2)));
          Tensor y = c.output(s.output());
          plan.forward(xs, y);
          plan.backward(y, xs);
          plan.implementations()
              .forEach(
                  (use, name) ->
                      assertFalse(
                          name.startsWith("ref") || name.startsWith("simple"),
                          use + " is " + name));
        });
  }

  @TestFactory
  Stream<DynamicTest> refusesWhatDoesNotFit() {
    return onEveryDevice(
        1,
        c -> {
          ConcatShape s = new ConcatShape(1, 4, 5, List.of(2, 3));
          ConcatPlan plan = ConcatPlan.on(c.device(), new ConcatPlan.Key(s, c.type()));
          Tensor a = c.output(s.input(0));
          Tensor b = c.output(s.input(1));
          Tensor y = c.output(s.output());
          refused("xs is null", () -> plan.forward(null, y));
          refused("xs must be 2 tensors, but are 1", () -> plan.forward(List.of(a), y));
          refused("xs[1] is null", () -> plan.forward(Arrays.asList(a, null), y));
          refused("xs[1] must have the shape [1, 4, 5, 3]", () -> plan.forward(List.of(a, a), y));
          refused("y is null", () -> plan.forward(List.of(a, b), null));
          refused("dy must have the shape [1, 4, 5, 5]", () -> plan.backward(a, List.of(a, b)));
          refused("dxs is null", () -> plan.backward(y, null));
          refused("dxs must be 2 tensors, but are 0", () -> plan.backward(y, List.of()));
          refused("dxs[0] must have the shape", () -> plan.backward(y, Arrays.asList(b, null)));
          Tensor bytes = c.output(DType.U8, s.input(0));
          refused("xs[0] must be F32", () -> plan.forward(List.of(bytes, b), y));
          refused(
              "does not compute in U8",
              () -> ConcatPlan.on(c.device(), new ConcatPlan.Key(s, DType.U8)));
          y.close();
          assertThrows(IllegalStateException.class, () -> plan.forward(List.of(a, b), y));
        });
  }

  @Test
  void refusesImpossibleShapes() {
    refused("batch must be at least 1", () -> new ConcatShape(0, 8, 8, List.of(1)));
    refused("height must be at least 1", () -> new ConcatShape(1, 0, 8, List.of(1)));
    refused("width must be at least 1", () -> new ConcatShape(1, 8, 0, List.of(1)));
    refused("number of inputs must be at least 1", () -> new ConcatShape(1, 8, 8, List.of()));
    refused("channels must be at least 1", () -> new ConcatShape(1, 8, 8, List.of(3, 0)));
    refused("add up to 2147483648", () -> new ConcatShape(1, 8, 8, List.of(Integer.MAX_VALUE, 1)));
  }
}
