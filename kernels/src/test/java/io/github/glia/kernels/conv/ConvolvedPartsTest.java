package io.github.glia.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.DType;
import org.junit.jupiter.api.Test;

final class ConvolvedPartsTest {
  private static final int TWO_CORES = 2;

  @Test
  void gradientsOfLargeImagesInHalfPrecisionAreTakenInBands() {
    assertEquals(4 * 8, gradients(Conv2dShape.same(4, 256, 256, 32, 32, 3), DType.BF16));
    assertEquals(16, gradients(Conv2dShape.same(1, 256, 256, 64, 64, 3), DType.BF16));
    assertEquals(4 * 4, gradients(Conv2dShape.same(4, 128, 128, 64, 64, 3), DType.BF16));
    assertEquals(1, gradients(Conv2dShape.same(4, 256, 256, 32, 32, 3), DType.F32));
    assertTrue(gradients(Conv2dShape.same(1, 3, 4_000_000, 1, 1, 3), DType.BF16) > 1);
  }

  @Test
  void whereAddingGradientsWouldTakeLongTheyAreNot() {
    assertEquals(1, gradients(Conv2dShape.same(1, 64, 64, 256, 256, 3), DType.BF16));
    assertEquals(1, gradients(Conv2dShape.same(2, 16, 16, 512, 512, 3), DType.BF16));
    assertEquals(1, gradients(Conv2dShape.same(3, 32, 32, 512, 512, 3), DType.BF16));
  }

  @Test
  void whereBandsWouldBeTooManyLanesTakeAsManyImagesEach() {
    assertEquals(2, gradients(Conv2dShape.same(4, 16, 16, 512, 512, 3), DType.BF16));
    assertEquals(2, gradients(Conv2dShape.same(8, 16, 16, 3, 8, 3), DType.BF16));
    assertEquals(1, gradients(Conv2dShape.same(4, 16, 16, 512, 512, 3), DType.F32));
  }

  @Test
  void rowsOfPaddingAloneAreNotMadeBands() {
    Conv2dShape one = paddedByMoreThanItReaches(1);
    assertEquals(1, gradients(one, DType.BF16));
    assertEquals(2, gradients(paddedByMoreThanItReaches(2), DType.BF16));
  }

  private static Conv2dShape paddedByMoreThanItReaches(int batch) {
    return new Conv2dShape(batch, 512, 512, 32, 32, 1, 1, 1, 1, 3, 3, 1, 1, 1);
  }

  private static int gradients(Conv2dShape s, DType type) {
    return ConvolvedParts.ofGradient(s, type, TWO_CORES).count();
  }
}
