package io.github.glia.kernels;

/** Looks at what the vendor's library chose. */
public final class Implementations {
  private Implementations() {}

  /** Asserts that this many primitives were made and that none of them is a slow reference. */
  public static void assertFast(int expected, Plan plan) {
    if (plan.implementations().size() != expected
        || plan.implementations().values().stream()
            .anyMatch(name -> name.startsWith("ref") || name.startsWith("simple"))) {
      throw new AssertionError(
          "expected " + expected + " fast implementations, but got " + plan.implementations());
    }
  }
}
