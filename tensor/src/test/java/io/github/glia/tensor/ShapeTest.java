package io.github.glia.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void sizesFromBothEnds() {
    Shape shape = Shape.of(2, 3, 5, 7);
    assertEquals(4, shape.rank());
    assertEquals(2, shape.size(0));
    assertEquals(7, shape.size(3));
    assertEquals(7, shape.size(-1));
    assertEquals(2, shape.size(-4));
    assertEquals(210, shape.count());
    assertEquals("[2, 3, 5, 7]", shape.toString());
  }

  @Test
  void refusesADimensionThatIsNotThere() {
    Shape shape = Shape.of(2, 3);
    Refused.with("shape [2, 3] has no dimension 2", () -> shape.size(2));
    Refused.with("shape [2, 3] has no dimension -3", () -> shape.size(-3));
    Refused.with("no dimension 2", () -> shape.with(2, 1));
    Refused.with("no dimension -2147483648", () -> shape.size(Integer.MIN_VALUE));
  }

  @Test
  void refusesNoDimensionsAndTooMany() {
    Refused.with("shape []: expected 1 to 8", () -> Shape.of());
    assertEquals(8, Shape.of(1, 1, 1, 1, 1, 1, 1, 1).rank());
    Refused.with("expected 1 to 8", () -> Shape.of(1, 1, 1, 1, 1, 1, 1, 1, 1));
  }

  @Test
  void refusesSizesBelowOne() {
    Refused.with("shape [2, 0, 3]: every size", () -> Shape.of(2, 0, 3));
    Refused.with("shape [-1]: every size", () -> Shape.of(-1));
    Refused.with("every size", () -> Shape.of(2, 3).with(0, 0));
  }

  @Test
  void refusesAProductThatOverflows() {
    int half = 1 << 30;
    assertEquals(1L << 62, Shape.of(half, half, 4).count());
    Refused.with("the number of elements overflows", () -> Shape.of(half, half, 8));
    Refused.with("overflows", () -> Shape.of(half, half, half, half, half));
    // 7 * 7 * 73 * 127 * 337 * 92737 * 649657 = 2^63 - 1
    assertEquals(Long.MAX_VALUE, Shape.of(7, 7, 73, 127, 337, 92737, 649657).count());
    Refused.with("overflows", () -> Shape.of(7, 7, 73, 127, 337, 92737, 649657, 2));
  }

  @Test
  void withChangesOneSize() {
    Shape shape = Shape.of(2, 3, 5);
    assertEquals(Shape.of(9, 3, 5), shape.with(0, 9));
    assertEquals(Shape.of(2, 3, 9), shape.with(-1, 9));
    assertEquals(Shape.of(2, 3, 5), shape, "the shape itself does not change");
  }

  @Test
  void equality() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 3));
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(6), Shape.of(2, 3));
    assertNotEquals(Shape.of(2, 3), Shape.of(2, 3, 1));
    assertNotEquals(Shape.of(2, 3), null);
  }

  @Test
  void keepsItsOwnCopyOfTheSizes() {
    int[] sizes = {2, 3};
    Shape shape = Shape.of(sizes);
    sizes[0] = 9;
    shape.toArray()[1] = 9;
    assertEquals(Shape.of(2, 3), shape);
  }

  @RepeatedTest(50)
  void anyShape(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int[] sizes = random.ints(1 + random.nextInt(8), 1, 100).toArray();
    Shape shape = Shape.of(sizes);
    assertArrayEquals(sizes, shape.toArray());
    assertEquals(Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b), shape.count());
    for (int i = 0; i < sizes.length; i++) {
      assertEquals(sizes[i], shape.size(i));
      assertEquals(shape.size(i), shape.size(i - sizes.length));
    }
  }
}
