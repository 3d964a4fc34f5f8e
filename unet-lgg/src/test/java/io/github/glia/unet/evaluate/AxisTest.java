package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void ticksAreRoundNumbers() {
    assertEquals(List.of("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"), words(Axis.ratio("")));
    assertEquals(
        List.of("0", "10", "20", "30", "40"), words(Axis.upTo("", DoubleStream.of(3, 37))));
    assertEquals(
        List.of("0.00", "0.02", "0.04", "0.06"), words(Axis.upTo("", DoubleStream.of(0.053))));
    assertEquals(
        List.of("1", "10", "100", "1\u202f000"), words(Axis.powers("", DoubleStream.of(3, 900))));
  }

  @Test
  void epochsAreWhole() {
    assertEquals(List.of("1", "2"), words(Axis.whole("", 1, 1)));
    assertEquals(List.of("1", "2", "3"), words(Axis.whole("", 1, 3)));
    assertEquals(List.of("20", "40", "60"), words(Axis.whole("", 1, 60)));
  }

  @Test
  void withoutValuesThereIsStillAnAxis() {
    assertEquals(1, Axis.upTo("", DoubleStream.empty()).high());
    assertEquals(1, Axis.upTo("", DoubleStream.of(Double.NaN, Double.POSITIVE_INFINITY)).high());
    assertEquals(1, Axis.upTo("", DoubleStream.of(0, 0)).high());
    assertEquals(List.of("1", "10"), words(Axis.powers("", DoubleStream.empty())));
  }

  @Test
  void sharesAreInProportion() {
    assertEquals(0.25, Axis.upTo("", DoubleStream.of(4)).share(1), 1e-12);
    assertEquals(0.5, Axis.powers("", DoubleStream.of(1, 100)).share(10), 1e-12);
    assertEquals(1, Axis.ratio("").share(7));
    assertEquals(0, Axis.ratio("").share(-7));
  }

  private static List<String> words(Axis axis) {
    return axis.ticks().stream().map(axis::word).toList();
  }
}
