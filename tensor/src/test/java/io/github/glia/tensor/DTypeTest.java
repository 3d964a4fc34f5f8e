package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DTypeTest {
  @Test
  void sizes() {
    Map<DType, Integer> sizes =
        Arrays.stream(DType.values()).collect(Collectors.toMap(type -> type, DType::bytes));
    assertEquals(
        Map.of(DType.F32, 4, DType.BF16, 2, DType.F16, 2, DType.U8, 1, DType.I8, 1), sizes);
  }

  @Test
  void onlyBytesAreNotFloating() {
    assertEquals(
        List.of(DType.F32, DType.BF16, DType.F16),
        Arrays.stream(DType.values()).filter(DType::isFloating).toList());
  }
}
