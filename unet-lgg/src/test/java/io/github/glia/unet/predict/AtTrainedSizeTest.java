package io.github.glia.unet.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.Slice;
import io.github.glia.unet.evaluate.Segmenter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AtTrainedSizeTest {
  @ParameterizedTest
  @CsvSource({"40, 40, 20", "60, 30, 20", "20, 20, 20", "10, 16, 20"})
  void whatIsInAPlaceComesBackInThatPlace(int height, int width, int size) {
    byte[] image = new byte[height * width];
    for (int y = 0; y < height / 2; y++) {
      for (int x = 0; x < width / 2; x++) {
        image[y * width + x] = (byte) 255;
      }
    }
    Segmenter brightIsTumour =
        slices -> {
          Slice slice = slices.get(0);
          assertEquals(size, slice.height());
          assertEquals(size, slice.width());
          float[] p = new float[size * size];
          for (int i = 0; i < p.length; i++) {
            p[i] = (slice.image()[i] & 0xff) / 255f;
          }
          return List.of(p);
        };
    Slice slice = new Slice("P", 1, Path.of("slice.tif"), height, width, 1, image, null);
    float[] p = new AtTrainedSize(brightIsTumour, size).probabilities(List.of(slice)).get(0);
    int wrong = 0;
    for (int i = 0; i < p.length; i++) {
      boolean atTheEdge =
          Math.abs(i / width - height / 2) <= 3 || Math.abs(i % width - width / 2) <= 3;
      if (!atTheEdge && (p[i] > 0.5f) != (image[i] != 0)) {
        wrong++;
      }
    }
    assertEquals(0, wrong);
  }

  @Test
  void whatIsCertainStaysAProbability() {
    Segmenter certain = slices -> List.of(filled(64 * 64));
    Slice slice = new Slice("P", 1, Path.of("slice.tif"), 20, 20, 1, new byte[400], null);
    for (float p : new AtTrainedSize(certain, 64).probabilities(List.of(slice)).get(0)) {
      assertEquals(1, p, 1e-6);
      assertTrue(p <= 1, () -> p + " is more than certain");
    }
  }

  private static float[] filled(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
