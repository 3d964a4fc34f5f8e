package io.github.glia.unet.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void whatIsWrittenReadsBack() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("text", "a \"quoted\" \\ line\n\u0001 ä 脑");
    value.put("yes", true);
    value.put("nothing", null);
    value.put("numbers", Arrays.asList(1.0, -0.5, 1e-300, 123456789012.0, null));
    value.put("none", List.of());
    value.put("empty", Map.of());
    value.put("nested", List.of(Map.of("a", 1.0), List.of(2.0)));
    assertEquals(value, Json.parse(Json.write(value)));
  }

  @Test
  void everyNumberKeepsItsBits() {
    Philox random = new Philox(1, 0);
    for (int i = 0; i < 10_000; i++) {
      double value =
          Double.longBitsToDouble(
              ((long) random.nextInt() << 32) | (random.nextInt() & 0xffff_ffffL));
      if (Double.isFinite(value)) {
        assertEquals(value, Json.parse(Json.write(value)));
      }
    }
    assertEquals(-0.0, Json.parse(Json.write(-0.0)));
    assertEquals(0x1p53, Json.parse(Json.write(0x1p53)));
  }

  @Test
  void membersHaveALineEachAndWholeNumbersNoPoint() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("a", 1.0);
    value.put("b", List.of(2, 3.5));
    value.put("c", Map.of("d", Double.NaN));
    assertEquals(
        "{\n  \"a\": 1,\n  \"b\": [2, 3.5],\n  \"c\": {\n    \"d\": null\n  }\n}\n",
        Json.write(value));
  }

  @Test
  void whatIsNoJsonIsRefusedWithThePlace() {
    for (String text :
        List.of("", "{", "[1,]", "{\"a\":1,}", "01", "nul", "[1] 2", "{\"a\":1,\"a\":2}", "'a'")) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> Json.parse(text), text).getMessage();
      assertTrue(message.startsWith("JSON, character"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> Json.parseObject("[1]"));
    assertThrows(IllegalArgumentException.class, () -> Json.write(new Object()));
  }
}
