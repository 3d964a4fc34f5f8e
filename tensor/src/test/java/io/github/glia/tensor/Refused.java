package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Asserts that a call fails, and says why. */
final class Refused {
  private Refused() {}

  static void with(String message, Executable call) {
    as(IllegalArgumentException.class, message, call);
  }

  static void exactly(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  static <T extends Throwable> T as(Class<T> kind, String message, Executable call) {
    T e = assertThrows(kind, call);
    assertTrue(e.getMessage().contains(message), e.getMessage());
    return e;
  }
}
