package io.github.glia.kernels.convtranspose;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class OneDnnUpscalingConvTranspose2dTest {
  @Test
  void partsHaveAsManyRowsOfAboutTwoThousandPixels() {
    assertEquals(32, parts(4, 128, 128, 64, 2));
    assertEquals(3, parts(3, 45, 50, 32, 2));
  }

  @Test
  void eachLaneHasAPartAtLeast() {
    assertEquals(2, parts(1, 16, 16, 512, 2));
    assertEquals(8, parts(1, 16, 16, 512, 8));
    assertEquals(1, parts(1, 16, 16, 512, 1));
  }

  @Test
  void thereIsOneWhereRowsCannotBeDividedOrWorkIsSmall() {
    assertEquals(1, parts(1, 83, 83, 64, 2));
    assertEquals(1, parts(1, 16, 16, 32, 2));
  }

  private static int parts(int batch, int height, int width, int channels, int lanes) {
    return OneDnnUpscalingConvTranspose2d.parts(
        ConvTranspose2dShape.upscaling(batch, height, width, channels, channels / 2, 2), lanes);
  }
}
