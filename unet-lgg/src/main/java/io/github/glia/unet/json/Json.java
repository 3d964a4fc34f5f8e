package io.github.glia.unet.json;

import java.util.List;
import java.util.Map;

/**
 * JSON: objects are {@code Map}, arrays {@code List}, numbers {@code Double} when read and any
 * {@code Number} when written, and {@code String}, {@code Boolean} and null.
 */
public final class Json {
  private static final String INDENT = "  ";
  private static final double LARGEST_EXACT_INTEGER = 0x1p53;

  private Json() {}

  /**
   * The value that the text is; objects keep the order of their names.
   *
   * @throws IllegalArgumentException if it is not JSON, with the place
   */
  public static Object parse(String text) {
    return io.github.glia.nn.Json.parse(text);
  }

  /**
   * The object that the text is.
   *
   * @throws IllegalArgumentException if it is not JSON, or not an object
   */
  @SuppressWarnings("unchecked") // the parser's objects have strings for names
  public static Map<String, Object> parseObject(String text) {
    if (parse(text) instanceof Map<?, ?> object) {
      return (Map<String, Object>) object;
    }
    throw new IllegalArgumentException("JSON: expected an object, { … }");
  }

  /**
   * The text of a value, for people to read: a line for each member, and arrays of plain values on
   * one. Numbers read back as they were; JSON has none that are infinite or NaN, they become null.
   *
   * @throws IllegalArgumentException if it holds something that JSON has not
   */
  public static String write(Object value) {
    StringBuilder text = new StringBuilder();
    write(value, "", text);
    return text.append('\n').toString();
  }

  private static void write(Object value, String indent, StringBuilder text) {
    if (value instanceof Map<?, ?> object) {
      writeObject(object, indent, text);
    } else if (value instanceof List<?> array) {
      writeArray(array, indent, text);
    } else if (value instanceof String string) {
      text.append(io.github.glia.nn.Json.quote(string));
    } else if (value instanceof Number number) {
      text.append(number(number));
    } else if (value == null || value instanceof Boolean) {
      text.append(value);
    } else {
      throw new IllegalArgumentException("JSON has no " + value.getClass().getName());
    }
  }

  private static void writeObject(Map<?, ?> object, String indent, StringBuilder text) {
    if (object.isEmpty()) {
      text.append("{}");
      return;
    }
    String inner = indent + INDENT;
    String separator = "{\n";
    for (Map.Entry<?, ?> member : object.entrySet()) {
      text.append(separator).append(inner);
      text.append(io.github.glia.nn.Json.quote((String) member.getKey())).append(": ");
      write(member.getValue(), inner, text);
      separator = ",\n";
    }
    text.append('\n').append(indent).append('}');
  }

  private static void writeArray(List<?> array, String indent, StringBuilder text) {
    boolean plain = array.stream().noneMatch(i -> i instanceof Map || i instanceof List);
    String inner = plain ? "" : "\n" + indent + INDENT;
    String separator = "[";
    for (Object item : array) {
      text.append(separator).append(inner);
      write(item, indent + INDENT, text);
      separator = plain ? ", " : ",";
    }
    if (array.isEmpty()) {
      text.append('[');
    }
    text.append(plain ? "" : "\n" + indent).append(']');
  }

  private static String number(Number number) {
    if (!(number instanceof Double || number instanceof Float)) {
      return number.toString();
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      return "null";
    }
    boolean integer = value == Math.rint(value) && Math.abs(value) < LARGEST_EXACT_INTEGER;
    // A negative zero is written as -0.0, or it would come back as 0.
    return integer && Double.compare(value, -0.0) != 0
        ? Long.toString((long) value)
        : number.toString();
  }
}
