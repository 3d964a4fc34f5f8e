package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    assertEquals(
        Map.of("a", List.of(1.0, -2.5, 300.0, 0.0), "b", Map.of("c", "d", "e", true), "f", false),
        Json.parse(
            " {\"a\" : [1, -2.5, 3e2, 0],\n\t\"b\":{\"c\":\"d\",\"e\":true},\r\"f\":false} "));
    assertNull(Json.parse("null"));
    assertEquals(List.of(), Json.parse("[ ]"));
    assertEquals(Map.of(), Json.parse("{ }"));
    assertEquals("\"\\/\b\f\n\r\té", Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u\uff11\uff12\uff13\uff14\"",
        "\"a\nb\"",
        "01",
        "+1",
        "1.",
        ".5",
        "-",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "--1",
        "1 2",
        "{} {}",
        "[] ]",
        "tru",
        "True",
        "nul",
        "'a'",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "\ufeff{}",
        "/* */ {}",
        "١"
      })
  void refusesWhatIsNotJson(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
    assertTrue(e.getMessage().startsWith("JSON, character "), e.getMessage());
    assertTrue(e.getMessage().length() < 200, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":["})
  void refusesDeepNesting(String open) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Json.parse(open.repeat(1_000_000)));
    assertTrue(e.getMessage().contains("at most 16 levels"), e.getMessage());
  }

  @Test
  void readsStringsAsItWritesThem() {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      StringBuilder text = new StringBuilder();
      random
          .ints(random.nextInt(20), 0, random.nextBoolean() ? 128 : 0xd800)
          .forEach(text::appendCodePoint);
      String quoted = Json.quote(text.toString());
      assertEquals(text.toString(), Json.parse(quoted));
      assertTrue(quoted.chars().allMatch(c -> c >= ' '), quoted);
    }
  }
}
