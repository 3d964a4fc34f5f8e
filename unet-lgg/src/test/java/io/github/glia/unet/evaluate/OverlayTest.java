package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.Slice;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OverlayTest {
  @Test
  void truthIsRedPredictionGreenAndAgreementYellow() {
    Slice slice = Drawn.slice("a", 1, Drawn.mask("##.."));
    BufferedImage image = Overlay.of(slice, new float[] {0.2f, 0.7f, 0.6f, 0.1f}, 0.6);
    Color truth = new Color(image.getRGB(0, 0));
    Color both = new Color(image.getRGB(1, 0));
    Color prediction = new Color(image.getRGB(2, 0));
    assertTrue(truth.getRed() > 200 && truth.getGreen() < 100 && truth.getBlue() < 100);
    assertTrue(both.getRed() > 200 && both.getGreen() > 180 && both.getBlue() < 100);
    assertTrue(
        prediction.getGreen() > 180 && prediction.getRed() < 100 && prediction.getBlue() < 120);
    assertEquals(new Color(100, 100, 100), new Color(image.getRGB(3, 0)));
  }

  @Test
  void tissueShowsThroughTheInside() {
    Mask mask = Drawn.mask("...", "...", "...");
    mask.bits().set(0, 9);
    Slice slice = Drawn.slice("a", 1, mask);
    slice.image()[4 * 3 + 1] = 0;
    BufferedImage dark = Overlay.of(slice, Drawn.probabilities(mask), 0.5);
    slice.image()[4 * 3 + 1] = (byte) 255;
    BufferedImage bright = Overlay.of(slice, Drawn.probabilities(mask), 0.5);
    assertTrue(
        new Color(bright.getRGB(1, 1)).getBlue() > new Color(dark.getRGB(1, 1)).getBlue() + 100);
  }

  @Test
  void withoutTruthThePredictionIsGreen() {
    Slice slice = new Slice("a", 1, Path.of("a.tif"), 1, 2, 1, new byte[] {50, 60}, null);
    BufferedImage image = Overlay.of(slice, new float[] {0.9f, 0.1f}, 0.5);
    assertTrue(new Color(image.getRGB(0, 0)).getGreen() > 180);
    assertEquals(new Color(60, 60, 60), new Color(image.getRGB(1, 0)));
  }

  @Test
  void greyIsFlair() {
    assertEquals(10, grey(new byte[] {10}));
    assertEquals(10, grey(new byte[] {10, 20}));
    assertEquals(20, grey(new byte[] {10, 20, 30}));
    assertEquals(200, grey(new byte[] {10, 20, 30, (byte) 200}));
  }

  private static int grey(byte[] channels) {
    Slice slice = new Slice("a", 1, Path.of("a.tif"), 1, 1, channels.length, channels, null);
    Color colour = new Color(Overlay.plain(slice).getRGB(0, 0));
    assertEquals(colour.getRed(), colour.getGreen());
    assertEquals(colour.getRed(), colour.getBlue());
    return colour.getRed();
  }

  @Test
  void refusesProbabilitiesOfAnotherSize() {
    Slice slice = Drawn.slice("a", 1, Drawn.mask("##.."));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Overlay.of(slice, new float[3], 0.5));
    assertEquals("a_1.tif: 4 pixels, but 3 probabilities", e.getMessage());
  }

  @Test
  void picturesShowASquareAroundTheHead() {
    // The head is 20 high and 10 wide; 4 % on each side make 21.
    Frame frame = Frame.around(new Box(0, 1, 30, 50, 40, 50), 100, 100);
    assertEquals(new Frame(34, 29, 21, 21), frame);
    // At the edge of the image the square is moved, and never larger than the image.
    assertEquals(new Frame(0, 0, 21, 21), Frame.around(new Box(0, 1, 0, 20, 0, 5), 100, 100));
    assertEquals(new Frame(0, 0, 5, 8), Frame.around(new Box(0, 1, 0, 8, 0, 5), 8, 5));
  }
}
