package io.github.glia.unet.train;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The components of {@link TrainOptions} by the names that users write. */
final class Flags {
  private static final RecordComponent[] COMPONENTS = TrainOptions.class.getRecordComponents();

  private Flags() {}

  static Map<String, Object> toJson(TrainOptions options) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (RecordComponent component : COMPONENTS) {
      try {
        Object value = component.getAccessor().invoke(options);
        json.put(name(component), value instanceof Enum<?> choice ? text(choice) : value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a record's accessor can be called", e);
      }
    }
    return json;
  }

  static TrainOptions fromJson(Map<String, ?> json) {
    List<String> names = Arrays.stream(COMPONENTS).map(Flags::name).toList();
    for (String name : json.keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "there is no option \"" + name + "\"; there is " + String.join(", ", names));
      }
    }
    Class<?>[] types = new Class<?>[COMPONENTS.length];
    Object[] values = new Object[COMPONENTS.length];
    for (int i = 0; i < COMPONENTS.length; i++) {
      types[i] = COMPONENTS[i].getType();
      values[i] = convert(names.get(i), types[i], json.get(names.get(i)));
    }
    try {
      return TrainOptions.class.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause().getMessage(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record has a constructor of its components", e);
    }
  }

  /** {@code BCE_DICE} is written {@code bce-dice}. */
  static String text(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code batchSize} is written {@code batch-size}. */
  private static String name(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static Object convert(String name, Class<?> type, Object value) {
    if (type.isEnum()) {
      return choice(name, type, value);
    }
    if (type == String.class && (value == null || value instanceof String)) {
      return value;
    }
    if (type == boolean.class && value instanceof Boolean) {
      return value;
    }
    if (type == Double.class && value == null) {
      return null;
    }
    if (value instanceof Number number) {
      double d = number.doubleValue();
      boolean integer = d == Math.rint(d) && Math.abs(d) <= 0x1p53;
      if (type == double.class || type == Double.class) {
        return d;
      }
      if (type == int.class && integer && (int) d == d) {
        return (int) d;
      }
      if (type == long.class && integer) {
        return number.longValue();
      }
    }
    throw new IllegalArgumentException(
        "--" + name + " expects " + expected(type) + ", but is " + value);
  }

  private static Object choice(String name, Class<?> type, Object value) {
    for (Object constant : type.getEnumConstants()) {
      if (constant == value || text((Enum<?>) constant).equals(value)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        "--"
            + name
            + " expects "
            + Arrays.stream(type.getEnumConstants())
                .map(constant -> text((Enum<?>) constant))
                .collect(Collectors.joining(", "))
            + ", but is "
            + value);
  }

  private static String expected(Class<?> type) {
    if (type == String.class) {
      return "a text";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    return type == int.class || type == long.class ? "a whole number" : "a number";
  }
}
