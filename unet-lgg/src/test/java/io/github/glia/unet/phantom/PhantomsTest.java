package io.github.glia.unet.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.data.DataSet;
import io.github.glia.unet.data.Patient;
import io.github.glia.unet.data.Slice;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhantomsTest {
  private static final PhantomOptions OPTIONS = new PhantomOptions(12, 20, 64, 3);
  private static final DataSet DATA = Phantoms.make(OPTIONS);

  private static List<Slice> slices() {
    return DATA.patients().stream().flatMap(patient -> patient.slices().stream()).toList();
  }

  @Test
  void thereAreAsManyAsWanted() {
    assertEquals(12, DATA.patients().size());
    for (Patient patient : DATA.patients()) {
      assertEquals(20, patient.slices().size());
    }
    Slice slice = DATA.patients().get(2).slices().get(4);
    assertEquals("TCGA_PH_0003_20260101", slice.patient());
    assertEquals(5, slice.number());
    assertEquals(64, slice.height());
    assertEquals(3, slice.channels());
  }

  @Test
  void theSeedDecidesAndNotTheNumberOfPatients() {
    DataSet fewer = Phantoms.make(new PhantomOptions(2, 20, 64, 3));
    DataSet others = Phantoms.make(new PhantomOptions(2, 20, 64, 4));
    for (int number = 0; number < 20; number++) {
      Slice slice = DATA.patients().get(1).slices().get(number);
      assertArrayEquals(slice.image(), fewer.patients().get(1).slices().get(number).image());
      assertArrayEquals(slice.mask(), fewer.patients().get(1).slices().get(number).mask());
    }
    assertFalse(
        Arrays.equals(
            DATA.patients().get(0).slices().get(9).image(),
            others.patients().get(0).slices().get(9).image()));
    assertFalse(
        Arrays.equals(
            DATA.patients().get(0).slices().get(9).image(),
            DATA.patients().get(1).slices().get(9).image()));
  }

  @Test
  void tumoursAreAsRareAndSmallAsInTheRealSet() {
    long positive = slices().stream().filter(Slice::isPositive).count();
    double tumour = slices().stream().mapToInt(Slice::tumourPixels).sum();
    assertTrue(positive > 0.2 * 240 && positive < 0.45 * 240, positive + " of 240 positive");
    double share = tumour / (240 * 64 * 64);
    assertTrue(share > 0.004 && share < 0.02, "tumour is " + share + " of all pixels");
    for (Slice slice : slices()) {
      assertTrue(slice.tumourPixels() <= 0.1 * 64 * 64, slice.source() + " is mostly tumour");
    }
  }

  @Test
  void everyPatientHasATumourHoweverFewTheSlices() {
    for (int slices : new int[] {1, 2, 5}) {
      for (Patient patient : Phantoms.make(new PhantomOptions(30, slices, 48, 1)).patients()) {
        assertTrue(
            patient.slices().stream().anyMatch(Slice::isPositive),
            patient.name() + " of " + slices + " slices");
      }
    }
  }

  @Test
  void tumoursAreBrighterInFlairThanTheRestOfTheHead() {
    for (Patient patient : DATA.patients()) {
      double[] sum = new double[2];
      int[] count = new int[2];
      for (Slice slice : patient.slices()) {
        for (int i = 0; i < slice.mask().length; i++) {
          int flair = slice.image()[3 * i + 1] & 255;
          if (flair > 20) {
            sum[slice.mask()[i]] += flair;
            count[slice.mask()[i]]++;
          }
        }
      }
      double ratio = sum[1] / count[1] / (sum[0] / count[0]);
      assertTrue(ratio > 1.15 && ratio < 2.5, patient.name() + ": " + ratio);
    }
  }

  @Test
  void brightnessAloneDoesNotTellWhatIsTumour() {
    int bright = 0;
    int healthy = 0;
    for (Slice slice : slices()) {
      for (int i = 0; i < slice.mask().length; i++) {
        if ((slice.image()[3 * i + 1] & 255) > 90) {
          bright++;
          healthy += 1 - slice.mask()[i];
        }
      }
    }
    assertTrue(healthy > 0.3 * bright, healthy + " of " + bright + " bright pixels are healthy");
  }

  @Test
  void theOutlineChangesFromSliceToSlice() {
    List<Slice> slices = DATA.patients().get(0).slices();
    long middle = headPixels(slices.get(9));
    assertTrue(middle > 0.2 * 64 * 64, middle + " pixels of head");
    assertTrue(headPixels(slices.get(18)) < 0.6 * middle);
  }

  private static long headPixels(Slice slice) {
    long count = 0;
    for (int i = 0; i < slice.mask().length; i++) {
      count += (slice.image()[3 * i] & 255) > 20 ? 1 : 0;
    }
    return count;
  }

  @Test
  void filesHoldTheSamePixels(@TempDir Path folder) throws IOException {
    PhantomOptions few = new PhantomOptions(2, 3, 33, 7);
    Phantoms.write(folder, few);
    DataSet data = Phantoms.make(few);
    for (Patient patient : data.patients()) {
      try (var files = Files.list(folder.resolve(patient.name()))) {
        assertEquals(6, files.count());
      }
      for (Slice slice : patient.slices()) {
        Path image = folder.resolve(slice.source());
        String maskName = image.getFileName().toString().replace(".tif", "_mask.tif");
        assertPixels(slice.image(), 1, 3, ImageIO.read(image.toFile()).getRaster());
        assertPixels(
            slice.mask(),
            255,
            1,
            ImageIO.read(image.resolveSibling(maskName).toFile()).getRaster());
      }
    }
  }

  private static void assertPixels(byte[] expected, int factor, int channels, Raster actual) {
    assertEquals(33, actual.getWidth());
    assertEquals(33, actual.getHeight());
    assertEquals(channels, actual.getNumBands());
    int[] pixels = actual.getPixels(0, 0, 33, 33, (int[]) null);
    for (int i = 0; i < pixels.length; i++) {
      assertEquals((expected[i] & 255) * factor, pixels[i]);
    }
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PhantomOptions(0, 1, 64, 1));
    assertThrows(IllegalArgumentException.class, () -> new PhantomOptions(1, 0, 64, 1));
    assertThrows(IllegalArgumentException.class, () -> new PhantomOptions(1, 1, 8, 1));
    assertThrows(IllegalArgumentException.class, () -> new PhantomOptions(10_000, 1, 64, 1));
  }
}
