package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.glia.unet.data.Slice;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LargestLesionTest {
  private static final float[][] VOLUME = {
    {0.9f, 0.1f, 0.0f, 0.0f, 0.0f, 0.7f},
    {0.6f, 0.2f, 0.0f, 0.0f, 0.8f, 0.0f},
    {0.8f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f},
  };

  @Test
  void keepsThePartWithTheMostVoxelsOfAllSlices() {
    List<float[]> kept = new LargestLesion(slices -> List.of(VOLUME), 0.5).probabilities(slices());
    assertArrayEquals(new float[] {0.9f, 0.1f, 0, 0, 0, 0}, kept.get(0));
    assertArrayEquals(new float[] {0.6f, 0.2f, 0, 0, 0, 0}, kept.get(1));
    assertArrayEquals(VOLUME[2], kept.get(2));
  }

  @Test
  void leavesWhatIsBelowTheThresholdAlone() {
    List<float[]> kept = new LargestLesion(slices -> List.of(VOLUME), 0.95).probabilities(slices());
    for (int i = 0; i < VOLUME.length; i++) {
      assertArrayEquals(VOLUME[i], kept.get(i));
    }
  }

  private static List<Slice> slices() {
    return List.of(slice(1), slice(2), slice(3));
  }

  private static Slice slice(int number) {
    return new Slice("a", number, Path.of("a.tif"), 1, 6, 1, new byte[6], null);
  }
}
