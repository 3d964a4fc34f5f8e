package io.github.glia.unet.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Choices by the names that users write, each read as what it must be. */
final class Flags {
  private static final double LARGEST_EXACT_INTEGER = 0x1p53;

  private final Map<String, ?> values;

  Flags(Map<String, ?> values) {
    this.values = values;
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  /** A text; null where there is none. */
  String text(String name) {
    Object value = values.get(name);
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(name, "a text");
  }

  boolean yes(String name) {
    if (values.get(name) instanceof Boolean yes) {
      return yes;
    }
    throw wrong(name, "true or false");
  }

  double number(String name) {
    if (values.get(name) instanceof Number number) {
      return number.doubleValue();
    }
    throw wrong(name, "a number");
  }

  int whole(String name) {
    long value = large(name);
    if ((int) value != value) {
      throw wrong(name, "a whole number of at most " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  /** A whole number that may be larger than an int. */
  long large(String name) {
    if (values.get(name) instanceof Number number) {
      double value = number.doubleValue();
      if (value == Math.rint(value) && Math.abs(value) <= LARGEST_EXACT_INTEGER) {
        return number.longValue();
      }
    }
    throw wrong(name, "a whole number");
  }

  <E extends Enum<E>> E choice(String name, E[] all) {
    return Arrays.stream(all)
        .filter(one -> text(one).equals(values.get(name)))
        .findFirst()
        .orElseThrow(
            () ->
                wrong(name, Arrays.stream(all).map(Flags::text).collect(Collectors.joining(", "))));
  }

  /** {@code BCE_DICE} is written {@code bce-dice}. */
  static String text(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private IllegalArgumentException wrong(String name, String expected) {
    return new IllegalArgumentException(
        "--" + name + " expects " + expected + ", but is " + values.get(name));
  }
}
