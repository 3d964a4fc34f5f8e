package io.github.glia.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.glia.kernels.Backend;
import io.github.glia.tensor.Device;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Threads that share out an operation, each with oneDNN on one core. */
class LanesTest {
  private final CpuBackend cpu = (CpuBackend) Backend.of(Device.cpu());
  private final Lanes lanes = cpu.lanes();

  @Test
  void eachPartIsComputedOnceAndALaneIsOneThread() {
    int parts = 1000;
    AtomicIntegerArray times = new AtomicIntegerArray(parts);
    Map<Integer, Thread> threads = new ConcurrentHashMap<>();
    synchronized (cpu) {
      lanes.forEach(
          parts,
          (lane, part) -> {
            times.incrementAndGet(part);
            assertTrue(lane < lanes.count(), () -> "lane " + lane);
            Thread first = threads.putIfAbsent(lane, Thread.currentThread());
            assertTrue(first == null || first == Thread.currentThread(), () -> "lane " + lane);
          });
    }
    for (int part = 0; part < parts; part++) {
      assertEquals(1, times.get(part), "part " + part);
    }
  }

  @Test
  void oneDnnKeepsToItsCoresInALaneAndUsesAllAfterwards() {
    assumeTrue(OpenMp.isReachable(), "OpenMP cannot be asked here");
    int before = OpenMp.threads();
    synchronized (cpu) {
      int ofALane = before / lanes.count();
      lanes.forEach(
          100, (lane, part) -> assertEquals(ofALane, OpenMp.threads(), () -> "lane " + lane));
      assertEquals(before, OpenMp.threads());
      lanes.prepare(() -> assertEquals(ofALane, OpenMp.threads()));
      assertEquals(before, OpenMp.threads());
    }
  }

  @Test
  void imagesAreSharedOutWhereEachLaneGetsAsMany() {
    int n = lanes.count();
    assertEquals(n == 1 ? 1 : 3 * n, lanes.partsOf(3 * n));
    assertEquals(1, lanes.partsOf(3 * n + n / 2));
    assertEquals(1, lanes.partsOf(1));
  }

  @Test
  void whatAPartThrowsIsThrownAndAllCoresAreUsedAfterwards() {
    assumeTrue(OpenMp.isReachable(), "OpenMP cannot be asked here");
    int before = OpenMp.threads();
    synchronized (cpu) {
      assertThrows(
          ArithmeticException.class,
          () ->
              lanes.forEach(
                  8,
                  (lane, part) -> {
                    throw new ArithmeticException("part " + part);
                  }));
    }
    assertEquals(before, OpenMp.threads());
  }

  @Test
  void lanesHaveMemoryOfTheirOwn() {
    synchronized (cpu) {
      for (int lane = 0; lane < lanes.count(); lane++) {
        long place = lanes.workspace(lane, 100);
        for (int other = 0; other < lane; other++) {
          assertTrue(Math.abs(place - lanes.workspace(other, 100)) >= 100);
        }
      }
    }
  }

  /** On Linux x86-64, where the library is known to lie beside oneDNN's. */
  @Test
  void openMpIsReachable() {
    assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64"));
    assertTrue(OpenMp.isReachable());
  }
}
