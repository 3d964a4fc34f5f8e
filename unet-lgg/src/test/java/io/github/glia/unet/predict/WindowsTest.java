package io.github.glia.unet.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.tensor.Philox;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WindowsTest {
  @ParameterizedTest
  @CsvSource({"64, 64, 64", "64, 64, 32", "100, 70, 32", "20, 90, 32", "7, 5, 16", "33, 32, 32"})
  void windowsOfAnImageJoinToTheImage(int height, int width, int size) {
    Philox random = new Philox(1, 0);
    byte[] image = new byte[height * width];
    float[] expected = new float[image.length];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) random.nextInt(256);
      expected[i] = (image[i] & 0xff) / 255f;
    }
    Windows windows = new Windows(height, width, size);
    Windows.Joining joining = windows.new Joining();
    for (Windows.Place place : windows.places()) {
      float[] window = new float[size * size];
      windows.cut(place, image, 1, window, 0);
      joining.add(window);
    }
    assertArrayEquals(expected, joining.image(), 1e-6f);
  }

  @ParameterizedTest
  @CsvSource({"64, 64, 64, 1", "64, 32, 32, 3", "65, 64, 64, 2", "10, 10, 64, 1"})
  void noMoreWindowsThanItTakes(int height, int width, int size, int expected) {
    assertEquals(expected, new Windows(height, width, size).places().size());
  }
}
