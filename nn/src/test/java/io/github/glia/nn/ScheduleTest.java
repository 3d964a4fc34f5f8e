package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The learning rate of each step. */
final class ScheduleTest {
  @Test
  void constantStays() {
    Schedule schedule = Schedule.constant(0.3f);
    assertEquals(0.3f, schedule.rate(0));
    assertEquals(0.3f, schedule.rate(Long.MAX_VALUE));
  }

  @Test
  void stepDropsEveryFewSteps() {
    Schedule schedule = Schedule.step(8, 3, 0.5f);
    float[] expected = {8, 8, 8, 4, 4, 4, 2, 2, 2, 1};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], schedule.rate(i), "step " + i);
    }
    assertEquals(0, schedule.rate(1_000_000));
  }

  @Test
  void polynomialFallsToZero() {
    Schedule square = Schedule.polynomial(16, 4, 2);
    float[] expected = {16, 9, 4, 1, 0, 0};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], square.rate(i), 1e-6, "step " + i);
    }
    assertEquals(0, square.rate(Long.MAX_VALUE));
    assertEquals(7.5f, Schedule.polynomial(10, 4, 1).rate(1), 1e-6);
  }

  @Test
  void cosineFallsToItsFloor() {
    Schedule schedule = Schedule.cosine(3, 4, 1);
    assertEquals(3, schedule.rate(0), 1e-6);
    assertEquals(2 + Math.sqrt(0.5), schedule.rate(1), 1e-6);
    assertEquals(2, schedule.rate(2), 1e-6);
    assertEquals(2 - Math.sqrt(0.5), schedule.rate(3), 1e-6);
    assertEquals(1, schedule.rate(4), 1e-6);
    assertEquals(1, schedule.rate(1_000_000), 1e-6);
  }

  @Test
  void warmUpRisesToTheFirstRate() {
    Schedule schedule = Schedule.step(8, 2, 0.5f).withWarmUp(4);
    float[] expected = {2, 4, 6, 8, 8, 8, 4, 4, 2};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], schedule.rate(i), 1e-6, "step " + i);
    }
    assertEquals(5, Schedule.constant(5).withWarmUp(1).rate(0));
  }

  @Test
  void plateauWaitsAndThenLowersTheRate() {
    ReduceOnPlateau schedule = new ReduceOnPlateau(1, 0.5f, 2, 0.2f);
    double[] metrics = {5, 4, 4, 4.5, 4, 3, 3, 3, 3, 3, 3, 3};
    double[] rates = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2f};
    for (int i = 0; i < metrics.length; i++) {
      schedule.observe(metrics[i]);
      assertEquals(rates[i], schedule.rate(i), 1e-7, "after metric " + i);
    }
  }

  @Test
  void plateauTakesNanForNoImprovement() {
    ReduceOnPlateau schedule = new ReduceOnPlateau(1, 0.1f, 0, 0);
    schedule.observe(Double.NaN);
    assertEquals(0.1f, schedule.rate(0));
    schedule.observe(7);
    assertEquals(0.1f, schedule.rate(1), "any number is better");
  }

  @Test
  void plateauGoesOnFromItsState() {
    ReduceOnPlateau whole = new ReduceOnPlateau(1, 0.5f, 1, 0);
    ReduceOnPlateau resumed = new ReduceOnPlateau(9, 0.5f, 1, 0);
    double[] metrics = {3, 4, 4, 2, 2, 2, 2};
    for (int i = 0; i < metrics.length; i++) {
      if (i == 2) {
        resumed.restore(whole.state());
      }
      whole.observe(metrics[i]);
      if (i >= 2) {
        resumed.observe(metrics[i]);
        assertEquals(whole.state(), resumed.state());
        assertEquals(whole.rate(i), resumed.rate(i));
      }
    }
    assertEquals(new ReduceOnPlateau.State(0.25f, 2, 1), whole.state());
  }

  @Test
  void refusesWhatIsNoSchedule() {
    for (float rate : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      DeviceTests.refused("the rate must be", () -> Schedule.constant(rate));
      DeviceTests.refused("the rate must be", () -> Schedule.step(rate, 1, 1));
      DeviceTests.refused("the rate must be", () -> Schedule.polynomial(rate, 1, 1));
      DeviceTests.refused("the rate must be", () -> Schedule.cosine(rate, 1, 0));
      DeviceTests.refused("rate must be", () -> new ReduceOnPlateau(rate, 0.5f, 1, 0));
      DeviceTests.refused("the factor must be", () -> Schedule.step(1, 1, rate));
      DeviceTests.refused("the power must be", () -> Schedule.polynomial(1, 1, rate));
      DeviceTests.refused("rate must be", () -> new ReduceOnPlateau.State(rate, 0, 0));
    }
    for (float floor : new float[] {-1, 2, Float.NaN}) {
      DeviceTests.refused("floor must be from 0", () -> Schedule.cosine(1, 1, floor));
      DeviceTests.refused("floor must be from 0", () -> new ReduceOnPlateau(1, 0.5f, 1, floor));
    }
    for (float factor : new float[] {0, 1, -1, Float.NaN}) {
      DeviceTests.refused("factor must be in (0, 1)", () -> new ReduceOnPlateau(1, factor, 1, 0));
    }
    DeviceTests.refused("patience must be at least 0", () -> new ReduceOnPlateau(1, 0.5f, -1, 0));
    DeviceTests.refused("between drops must be at least 1", () -> Schedule.step(1, 0, 0.5f));
    DeviceTests.refused("total number of steps", () -> Schedule.polynomial(1, 0, 1));
    DeviceTests.refused("total number of steps", () -> Schedule.cosine(1, -1, 0));
    DeviceTests.refused("warm-up steps", () -> Schedule.constant(1).withWarmUp(0));
    DeviceTests.refused("state is null", () -> new ReduceOnPlateau(1, 0.5f, 1, 0).restore(null));
  }
}
