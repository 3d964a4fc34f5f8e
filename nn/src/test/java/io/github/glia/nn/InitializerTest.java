package io.github.glia.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import io.github.glia.tensor.Shape;
import org.junit.jupiter.api.Test;

/** The moments and bounds of first values. */
final class InitializerTest {
  private static final Shape WEIGHTS = Shape.of(64, 3, 5, 32);
  private static final double FAN_IN = 3 * 5 * 32;
  private static final double FAN_OUT = 64 * 3 * 5;

  private static float[] draw(Initializer initializer) {
    return initializer.values(WEIGHTS, new Philox(1, 2));
  }

  private static double requireMoments(Initializer initializer, double variance) {
    float[] values = draw(initializer);
    assertEquals(WEIGHTS.count(), values.length);
    double sum = 0;
    double squares = 0;
    double largest = 0;
    for (float v : values) {
      sum += v;
      squares += (double) v * v;
      largest = Math.max(largest, Math.abs(v));
    }
    double mean = sum / values.length;
    // Of 30,720 values the mean strays by σ/175, the variance by 0.8 % where they are normal.
    assertEquals(0, mean, 4 * Math.sqrt(variance / values.length));
    assertEquals(1, squares / values.length / variance, 0.032);
    return largest / Math.sqrt(variance);
  }

  private static void requireUniform(Initializer initializer, double variance) {
    double largest = requireMoments(initializer, variance);
    assertTrue(largest <= Math.sqrt(3) * (1 + 1e-6) && largest > Math.sqrt(3) * 0.999);
  }

  private static void requireNormal(Initializer initializer, double variance) {
    double largest = requireMoments(initializer, variance);
    assertTrue(largest > 3.5 && largest < 6, () -> "largest of 30,720: " + largest + " σ");
  }

  @Test
  void kaimingHasVarianceTwoByFanIn() {
    requireNormal(Initializer.kaimingNormal(), 2 / FAN_IN);
    requireUniform(Initializer.kaimingUniform(), 2 / FAN_IN);
  }

  @Test
  void xavierHasVarianceTwoByTheSumOfFans() {
    requireNormal(Initializer.xavierNormal(), 2 / (FAN_IN + FAN_OUT));
    requireUniform(Initializer.xavierUniform(), 2 / (FAN_IN + FAN_OUT));
  }

  @Test
  void biasesAreUniformWithinOneByRootOfInputs() {
    requireUniform(Initializer.uniformBias(50), 1.0 / 50 / 3);
  }

  @Test
  void constantIsConstant() {
    for (float value : draw(Initializer.constant(0.25f))) {
      assertEquals(0.25f, value);
    }
  }

  @Test
  void isAFunctionOfTheRandomNumbers() {
    Initializer initializer = Initializer.kaimingNormal();
    assertArrayEquals(draw(initializer), draw(initializer));
  }
}
