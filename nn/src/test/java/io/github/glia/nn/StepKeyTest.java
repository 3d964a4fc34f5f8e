package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.glia.tensor.DType;
import io.github.glia.tensor.Device;
import io.github.glia.tensor.Scope;
import io.github.glia.tensor.Shape;
import io.github.glia.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a recorded step is good for. */
class StepKeyTest {
  private static final int TIMES = 1000;

  private final Device device = Device.cpu();
  private final Scope scope = Scope.open();
  private final Layer network = new Sequential(new Linear(3, 4), new Linear(4, 2));
  private final Tensor x = Tensor.zeros(device, DType.F32, Shape.of(5, 3));
  private final Tensor truth = Tensor.zeros(device, DType.U8, Shape.of(5, 2));

  private List<Parameter> parameters() {
    return List.copyOf(network.state().values());
  }

  private StepKey key() {
    network.initialize(device, 1);
    return new StepKey(StepKey.trained(parameters()), 0.5f, x, truth);
  }

  private StepKey keyOfValues() {
    network.initialize(device, 1);
    return new StepKey(StepKey.unchanged(parameters()), 0.5f, x, truth);
  }

  @AfterEach
  void close() {
    scope.close();
    network.close();
  }

  @Test
  void fitsWhatIsLikeIt() {
    assertTrue(key().fits(0.5f, x.emptyLike(), truth.emptyLike()));
  }

  @Test
  void fitsNoOtherInputs() {
    StepKey key = key();
    assertFalse(key.fits(0.5f, x.slice(0, 4), truth));
    assertFalse(key.fits(0.5f, Tensor.zeros(device, DType.BF16, x.shape()), truth));
    assertFalse(key.fits(0.5f, x));
    assertFalse(key.fits(0.5f, x, truth, x));
    assertFalse(key.fits(0.25f, x, truth));
  }

  @Test
  void fitsNoOtherNetwork() {
    StepKey key = key();
    Parameter last = parameters().get(parameters().size() - 1);
    last.freeze();
    assertFalse(key.fits(0.5f, x, truth));
    last.unfreeze();
    assertTrue(key.fits(0.5f, x, truth));
    try (Scope elsewhere = Scope.open()) {
      Tensor.empty(device, DType.F32, Shape.of(3));
      long before = last.value().address();
      network.close();
      Tensor.empty(device, DType.F32, Shape.of(3));
      network.initialize(device, 1);
      assertEquals(before == last.value().address(), key.fits(0.5f, x, truth));
    }
  }

  @Test
  void fitsNoOtherValuesWhereTheyCount() {
    StepKey key = keyOfValues();
    assertTrue(key.fits(0.5f, x, truth));
    for (Parameter parameter : parameters()) {
      parameter.value().zero();
      assertFalse(key.fits(0.5f, x, truth));
      key = new StepKey(StepKey.unchanged(parameters()), 0.5f, x, truth);
    }
    network.initialize(device, 1);
    assertFalse(key.fits(0.5f, x, truth));
  }

  @Test
  void otherValuesAtTheSameAddressesMayNotCount() {
    StepKey key = key();
    parameters().get(0).value().zero();
    assertTrue(key.fits(0.5f, x, truth));
  }

  @Test
  void comparesWithoutGarbage() {
    assertNoGarbage(key());
    assertNoGarbage(keyOfValues());
  }

  private void assertNoGarbage(StepKey key) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 10; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TIMES; i++) {
        assertTrue(key.fits(0.5f, x, truth));
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertTrue(least < 64 * TIMES, least + " bytes for " + TIMES + " comparisons");
  }
}
