package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmentationTest {
  private static final int SIZE = 48;

  private static final String EVERYTHING =
      "flip=0.5,flip-vertical=0.5,rotation=180,zoom=0.5,shift=0.3,elastic=0.04,"
          + "brightness=0.5,contrast=0.5,gamma=1,noise=0.2,missing=0.5";

  @SuppressWarnings("ArrayRecordComponent") // samples are never compared as wholes
  private record Sample(float[] image, byte[] mask) {}

  private static Sample sample(Augmentation ranges, Slice slice, long stream) {
    int size = slice.height();
    Sample sample = new Sample(new float[size * size * slice.channels()], new byte[size * size]);
    double middle = (size - 1) / 2.0;
    new Augmenter(ranges, size)
        .fill(slice, middle, middle, new Philox(5, stream), sample.image, sample.mask, 0);
    return sample;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flip=1",
        "flip-vertical=1",
        "rotation=180",
        "zoom=0.5",
        "shift=0.3",
        "elastic=0.04",
        "flip=0.5,flip-vertical=0.5,rotation=90,zoom=0.3,shift=0.2,elastic=0.04"
      })
  void theMaskStaysOnTheImage(String text) {
    Augmentation ranges = Augmentation.parse(text);
    Slice slice = TestSlices.disc(SIZE, 1);
    boolean moved = false;
    for (int stream = 0; stream < 50; stream++) {
      Sample sample = sample(ranges, slice, stream);
      for (int i = 0; i < sample.mask.length; i++) {
        // The nearest of the four pixels has at least a quarter of the bilinear weight.
        float value = sample.image[i];
        boolean agree = sample.mask[i] == 1 ? value >= 0.2499f : value <= 0.7501f;
        assertTrue(agree, text + ", sample " + stream + ": a pixel of " + value + " in the image");
        moved |= sample.mask[i] != slice.mask()[i];
      }
    }
    assertTrue(moved, text + " changed nothing");
  }

  @Test
  void withAllRangesZeroNothingChanges() {
    Slice slice = TestSlices.scattered(SIZE, 3, 0);
    Sample sample = sample(Augmentation.none(), slice, 1);
    for (int i = 0; i < sample.image.length; i++) {
      assertEquals((slice.image()[i] & 255) / 255f, sample.image[i]);
    }
    for (int i = 0; i < sample.mask.length; i++) {
      assertEquals(slice.mask()[i], sample.mask[i]);
    }
  }

  @Test
  void aFlipIsExact() {
    Slice slice = TestSlices.scattered(SIZE, 3, 0);
    Sample sample = sample(Augmentation.parse("flip=1"), slice, 1);
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        int pixel = y * SIZE + x;
        int source = y * SIZE + SIZE - 1 - x;
        assertEquals(slice.mask()[source], sample.mask[pixel]);
        assertEquals((slice.image()[3 * source + 2] & 255) / 255f, sample.image[3 * pixel + 2]);
      }
    }
  }

  @Test
  void aFlipHasItsChance() {
    Slice slice = TestSlices.disc(SIZE, 1);
    Augmentation ranges = Augmentation.parse("flip=0.3");
    byte[] plain = sample(Augmentation.none(), slice, 0).mask;
    int flipped = 0;
    for (int stream = 0; stream < 1000; stream++) {
      flipped += Arrays.equals(plain, sample(ranges, slice, stream).mask) ? 0 : 1;
    }
    assertEquals(300, flipped, 60); // four standard deviations
  }

  @ParameterizedTest
  @ValueSource(strings = {"brightness=0.5", "contrast=0.5", "gamma=1", "noise=0.2"})
  void intensitiesChangeAndTheMaskDoesNot(String text) {
    Slice slice = TestSlices.scattered(SIZE, 3, 0);
    Sample plain = sample(Augmentation.none(), slice, 1);
    Sample changed = sample(Augmentation.parse(text), slice, 1);
    assertArrayEquals(plain.mask, changed.mask);
    assertFalse(Arrays.equals(plain.image, changed.image), text + " changed nothing");
  }

  @Test
  void intensitiesStayFromZeroToOne() {
    Slice slice = TestSlices.scattered(SIZE, 3, 0);
    for (int stream = 0; stream < 20; stream++) {
      for (float value : sample(Augmentation.parse(EVERYTHING), slice, stream).image) {
        assertTrue(value >= 0 && value <= 1, "an intensity of " + value);
      }
    }
  }

  @Test
  void noiseHasItsDeviation() {
    float[] sum = new float[2];
    Philox random = new Philox(1, 2);
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      float value = RoughNormal.of(random.nextInt());
      sum[0] += value;
      sum[1] += value * value;
    }
    assertEquals(0, sum[0] / count, 0.015);
    assertEquals(1, sum[1] / count, 0.02);
  }

  @Test
  void aSampleDependsOnItsRandomNumbersAlone() {
    Slice slice = TestSlices.scattered(SIZE, 3, 0);
    Augmentation ranges = Augmentation.parse(EVERYTHING);
    assertArrayEquals(sample(ranges, slice, 7).image, sample(ranges, slice, 7).image);
    assertFalse(Arrays.equals(sample(ranges, slice, 7).image, sample(ranges, slice, 8).image));
  }

  @Test
  void theMiddleSequenceStandsInForMissingOnes() {
    Slice slice = TestSlices.scattered(SIZE, 3, 0);
    float[] whole = sample(Augmentation.none(), slice, 0).image;
    Set<List<Integer>> seen = new HashSet<>();
    for (int stream = 0; stream < 50; stream++) {
      float[] image = sample(Augmentation.parse("missing=0.5"), slice, stream).image;
      List<Integer> shown = new ArrayList<>();
      for (int channel = 0; channel < 3; channel++) {
        shown.add(shows(image, channel, whole, channel) ? channel : 1);
        assertTrue(shows(image, channel, whole, shown.get(channel)), "channel " + channel);
      }
      seen.add(shown);
    }
    assertEquals(
        Set.of(List.of(0, 1, 2), List.of(1, 1, 2), List.of(0, 1, 1), List.of(1, 1, 1)), seen);
    Slice two = TestSlices.scattered(SIZE, 2, 0);
    assertArrayEquals(
        sample(Augmentation.none(), two, 0).image,
        sample(Augmentation.parse("missing=1"), two, 0).image,
        "of two channels none is the middle one");
  }

  private static boolean shows(float[] image, int channel, float[] whole, int expected) {
    for (int i = 0; i < image.length; i += 3) {
      if (image[i + channel] != whole[i + expected]) {
        return false;
      }
    }
    return true;
  }

  @Test
  void theStrongestDeformationNeverFolds() {
    Augmentation ranges = new Augmentation(0, 0, 0, 0, 0, Warp.LARGEST_ELASTIC, 0, 0, 0, 0, 0);
    for (int stream = 0; stream < 50; stream++) {
      Warp warp = new Warp(ranges, SIZE, 0, 0, new Philox(5, stream));
      float[][] xs = new float[SIZE][SIZE];
      float[][] ys = new float[SIZE][SIZE];
      for (int row = 0; row < SIZE; row++) {
        warp.places(row, xs[row], ys[row]);
      }
      for (int row = 1; row < SIZE; row++) {
        for (int column = 1; column < SIZE; column++) {
          float xByX = xs[row][column] - xs[row][column - 1];
          float yByX = ys[row][column] - ys[row][column - 1];
          float xByY = xs[row][column] - xs[row - 1][column];
          float yByY = ys[row][column] - ys[row - 1][column];
          assertTrue(xByX * yByY - xByY * yByX > 0, "folded in sample " + stream);
        }
      }
    }
  }

  @Test
  void textIsReadAndWritten() {
    assertEquals(Augmentation.none(), Augmentation.parse("none"));
    assertEquals(Augmentation.standard(), Augmentation.parse(" Standard "));
    assertEquals(
        Augmentation.parse(
            "flip=0.5,rotation=20,zoom=0.2,shift=0.08,elastic=0.03,brightness=0.2,contrast=0.2,"
                + "gamma=0.3,noise=0.02,missing=0.15"),
        Augmentation.parse("strong"));
    assertEquals(Augmentation.strong(), Augmentation.parse("strong"));
    assertEquals(
        new Augmentation(0.5, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0),
        Augmentation.parse("flip=0.5, rotation=15"));
    assertEquals(0, Augmentation.parse("standard,noise=0").noise());
    assertEquals(15, Augmentation.parse("standard,noise=0").rotation());
    for (String text : new String[] {"none", "standard", EVERYTHING}) {
      Augmentation ranges = Augmentation.parse(text);
      assertEquals(ranges, Augmentation.parse(ranges.toString()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "some", "flip", "flip=x", "rotate=5", "flip=2", "zoom=-1", "zoom=NaN"})
  void whatCannotBeReadIsNamed(String text) {
    var error = assertThrows(IllegalArgumentException.class, () -> Augmentation.parse(text));
    assertTrue(error.getMessage().startsWith("augmentation"), error.getMessage());
  }
}
