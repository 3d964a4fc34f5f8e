package io.github.glia.unet.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** An axis of a chart. */
record Axis(String name, double low, double high, Scale scale) {
  private static final int INTERVALS = 5;

  enum Scale {
    LINEAR,
    /** Linear, with ticks only at whole numbers. */
    WHOLE,
    /** Equal lengths are equal factors; low is above 0. */
    LOGARITHMIC
  }

  /** From 0 to 1. */
  static Axis ratio(String name) {
    return new Axis(name, 0, 1, Scale.LINEAR);
  }

  /** From 0 to a round number that no value exceeds. */
  static Axis upTo(String name, DoubleStream values) {
    double highest = values.filter(Double::isFinite).max().orElse(1);
    double high = highest > 0 ? highest : 1;
    double step = roundStep(high);
    return new Axis(name, 0, Math.ceil(high / step - 1e-9) * step, Scale.LINEAR);
  }

  /** Between powers of ten. */
  static Axis powers(String name, DoubleStream values) {
    double[] logarithms = values.filter(value -> value > 0).map(Math::log10).sorted().toArray();
    if (logarithms.length == 0) {
      return new Axis(name, 1, 10, Scale.LOGARITHMIC);
    }
    double low = Math.floor(logarithms[0]);
    double high = Math.max(Math.ceil(logarithms[logarithms.length - 1]), low + 1);
    return new Axis(name, Math.pow(10, low), Math.pow(10, high), Scale.LOGARITHMIC);
  }

  /** Whole numbers from one to another. */
  static Axis whole(String name, int low, int high) {
    return new Axis(name, low, Math.max(high, low + 1), Scale.WHOLE);
  }

  /** Where a value is, from 0 to 1; what is beyond an end is at that end. */
  double share(double value) {
    double share =
        scale == Scale.LOGARITHMIC
            ? Math.log(value / low) / Math.log(high / low)
            : (value - low) / (high - low);
    return Math.min(Math.max(share, 0), 1);
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (scale == Scale.LOGARITHMIC) {
      for (double tick = low; tick < high * 1.5; tick *= 10) {
        ticks.add(tick);
      }
      return ticks;
    }
    double step = step();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  String word(double tick) {
    if (scale == Scale.LOGARITHMIC || step() >= 1) {
      return Text.count(Math.round(tick));
    }
    int digits = (int) Math.ceil(-Math.log10(step()) - 1e-9);
    return Text.of("%." + digits + "f", tick);
  }

  private double step() {
    double step = roundStep(high - low);
    return scale == Scale.WHOLE ? Math.max(step, 1) : step;
  }

  /** 1, 2 or 5 times a power of ten, so that there are about five steps. */
  private static double roundStep(double range) {
    double rough = range / INTERVALS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 + 1e-9 ? 1 : digit <= 2 + 1e-9 ? 2 : digit <= 5 + 1e-9 ? 5 : 10);
  }
}
