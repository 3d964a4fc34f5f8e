package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  private static final double EXACT = 1e-12;

  @Test
  void asByHand() {
    Statistics s = Statistics.of(List.of(new double[] {4, Double.NaN, 1}, new double[] {2, 9}));
    assertEquals(4, s.count());
    assertEquals(1, s.undefined());
    assertEquals(4, s.mean(), EXACT);
    assertEquals(3, s.median(), EXACT);
    assertEquals(Math.sqrt((0 + 9 + 4 + 25) / 3.0), s.deviation(), EXACT);
    assertEquals(1, s.min());
    assertEquals(9, s.max());
  }

  @Test
  void quantilesLieBetweenNeighboursInProportion() {
    double[] sorted = {0, 10, 20, 40};
    assertEquals(0, Statistics.quantile(sorted, 0));
    assertEquals(15, Statistics.quantile(sorted, 0.5), EXACT);
    assertEquals(37, Statistics.quantile(sorted, 0.95), EXACT);
    assertEquals(40, Statistics.quantile(sorted, 1));
    assertEquals(7, Statistics.quantile(new double[] {7}, 0.3));
  }

  @Test
  void ofTwoPatientsEitherMayBeDrawnTwice() {
    // Means: 0 and 1 with one chance in four each, 0.5 with two.
    Statistics s = Statistics.of(List.of(new double[] {0}, new double[] {1}));
    assertEquals(new Statistics.Interval(0, 1), s.meanInterval());
    assertEquals(new Statistics.Interval(0, 1), s.medianInterval());
  }

  @Test
  void intervalIsThatOfTheoryForManyPatients() {
    Philox random = new Philox(4, 0);
    List<double[]> patients = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      patients.add(new double[] {random.nextGaussian()});
    }
    Statistics s = Statistics.of(patients);
    double half = 1.96 * s.deviation() / Math.sqrt(400);
    assertEquals(s.mean() - half, s.meanInterval().low(), 0.1 * half);
    assertEquals(s.mean() + half, s.meanInterval().high(), 0.1 * half);
    // The median of normal values varies √(π/2) times as much as their mean.
    double width = s.medianInterval().high() - s.medianInterval().low();
    assertEquals(2 * half * Math.sqrt(Math.PI / 2), width, 0.8 * half);
    assertTrue(s.medianInterval().low() < s.median() && s.median() < s.medianInterval().high());
  }

  @Test
  void slicesOfOnePatientAreNotManyPatients() {
    List<double[]> alone = new ArrayList<>();
    List<double[]> repeated = new ArrayList<>();
    Philox random = new Philox(5, 0);
    for (int i = 0; i < 20; i++) {
      double value = random.nextFloat();
      alone.add(new double[] {value});
      repeated.add(new double[] {value, value, value, value});
    }
    assertEquals(Statistics.of(alone).meanInterval(), Statistics.of(repeated).meanInterval());
    assertEquals(Statistics.of(alone).medianInterval(), Statistics.of(repeated).medianInterval());
  }

  @Test
  void sameNumbersEachTime() {
    List<double[]> patients =
        List.of(new double[] {0.1, 0.7}, new double[] {0.4}, new double[] {1});
    assertEquals(Statistics.of(patients), Statistics.of(patients));
  }

  @Test
  void aPatientWithoutValuesIsNoneOfThem() {
    Statistics s =
        Statistics.of(
            List.of(new double[] {0.5}, new double[] {}, new double[] {}, new double[] {0.7}));
    assertEquals(2, s.count());
    assertEquals(new Statistics.Interval(0.5, 0.7), s.meanInterval());
  }

  @Test
  void onePatientSaysNothingOfOthers() {
    Statistics s = Statistics.of(List.of(new double[] {0.5}));
    assertEquals(0.5, s.mean());
    assertEquals(0.5, s.median());
    assertEquals(Double.NaN, s.deviation());
    assertEquals(Statistics.Interval.UNKNOWN, s.meanInterval());
    assertEquals(Statistics.Interval.UNKNOWN, s.medianInterval());
  }

  @Test
  void noValues() {
    Statistics s = Statistics.of(List.of(new double[] {Double.NaN, Double.NaN}, new double[] {}));
    assertEquals(0, s.count());
    assertEquals(2, s.undefined());
    assertEquals(Double.NaN, s.mean());
    assertEquals(Double.NaN, s.median());
    assertEquals(Statistics.Interval.UNKNOWN, s.meanInterval());
  }
}
