package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.glia.unet.phantom.BratsPhantoms;
import io.github.glia.unet.phantom.PhantomOptions;
import io.github.glia.unet.phantom.Phantoms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written as BraTS cases is read back, and shows the heads of the other phantoms. */
class BratsPhantomsTest {
  private static final int SIZE = 48;
  private static final int SLICES = 12;
  private static final PhantomOptions OPTIONS = new PhantomOptions(6, SLICES, SIZE, 5);
  private static final DataSet SAME_HEADS = Phantoms.make(OPTIONS);

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    BratsPhantoms.write(folder, OPTIONS);
  }

  private static NiftiFile volume(int patient, String role) throws IOException {
    return NiftiFile.read(file(patient, role));
  }

  private static Path file(int patient, String role) {
    String name = "BraTS_Phantom_%04d".formatted(patient + 1);
    return folder.resolve(name).resolve(name + "_" + role + ".nii.gz");
  }

  @Test
  void aCaseIsAFolderOfFiveFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(6 * 5, files.filter(Files::isRegularFile).count());
    }
    DataSet data =
        DataFolder.read(folder, new ReadOptions(0, Normalization.PLAIN, true, List.of()));
    assertEquals(List.of(), data.problems());
    assertEquals(6, data.patients().size());
    assertEquals("BraTS_Phantom_0003", data.patients().get(2).name());
    assertEquals(SLICES, data.patients().get(2).slices().size());
    assertEquals(4, data.patients().get(2).slices().get(0).channels());
  }

  @Test
  void labelsTogetherAreTheTumourAndEachIsThere() throws IOException {
    Set<Float> labels = new TreeSet<>();
    for (int patient = 0; patient < 6; patient++) {
      NiftiFile segmentation = volume(patient, "seg");
      byte[] tumour = new byte[SIZE * SIZE * SLICES];
      for (int i = 0; i < tumour.length; i++) {
        labels.add(segmentation.values()[i]);
        tumour[i] = (byte) (segmentation.values()[i] == 0 ? 0 : 1);
      }
      ByteBuffer expected = ByteBuffer.allocate(tumour.length);
      SAME_HEADS.patients().get(patient).slices().forEach(slice -> expected.put(slice.mask()));
      assertArrayEquals(expected.array(), tumour, "patient " + patient);
    }
    assertEquals(Set.of(0f, 1f, 2f, 4f), labels);
  }

  /** Noise apart, the brain is as bright as in the slice that shows the skull as well. */
  @Test
  void sequencesAreThoseOfTheSameHeadWithoutItsSkull() throws IOException {
    NiftiFile flair = volume(1, "flair");
    NiftiFile t1 = volume(1, "t1");
    int brain = 0;
    double difference = 0;
    double differenceOfT1 = 0;
    double mirrored = 0;
    double upsideDown = 0;
    double skull = 0;
    for (int z = 0; z < SLICES; z++) {
      byte[] slice = SAME_HEADS.patients().get(1).slices().get(z).image();
      for (int pixel = 0; pixel < SIZE * SIZE; pixel++) {
        float value = flair.values()[z * SIZE * SIZE + pixel];
        int row = pixel / SIZE;
        int column = pixel % SIZE;
        if (value == 0) {
          skull += slice[3 * pixel] & 255;
        } else {
          brain++;
          difference += Math.abs(value - (slice[3 * pixel + 1] & 255));
          differenceOfT1 +=
              Math.abs(t1.values()[z * SIZE * SIZE + pixel] - (slice[3 * pixel] & 255));
          int left = row * SIZE + SIZE - 1 - column;
          mirrored += Math.abs(value - (slice[3 * left + 1] & 255));
          int below = (SIZE - 1 - row) * SIZE + column;
          upsideDown += Math.abs(value - (slice[3 * below + 1] & 255));
        }
      }
    }
    double share = brain / (double) (SLICES * SIZE * SIZE);
    assertTrue(share > 0.1 && share < 0.4, "brain is " + share);
    assertTrue(difference / brain < 6, "FLAIR differs by " + difference / brain);
    assertTrue(differenceOfT1 / brain < 6, "T1 differs by " + differenceOfT1 / brain);
    assertTrue(mirrored > 2 * difference, "as much as its mirror image");
    assertTrue(upsideDown > 2 * difference, "as much as upside down");
    assertTrue(skull / (SLICES * SIZE * SIZE) > 5, "nothing was outside of the brain");
  }

  @Test
  void fluidIsDarkInFlairAndBrightInT2AndTheRimTakesUpContrastAgent() throws IOException {
    double[] rim = new double[2];
    for (int patient = 0; patient < 6; patient++) {
      NiftiFile flair = volume(patient, "flair");
      NiftiFile t1 = volume(patient, "t1");
      NiftiFile t1ce = volume(patient, "t1ce");
      NiftiFile t2 = volume(patient, "t2");
      NiftiFile segmentation = volume(patient, "seg");
      int fluid = 0;
      for (int i = 0; i < t1.values().length; i++) {
        fluid += t2.values()[i] > 130 && flair.values()[i] < 40 ? 1 : 0;
        if (segmentation.values()[i] == 4) {
          rim[0] += t1.values()[i];
          rim[1] += t1ce.values()[i];
        }
      }
      assertTrue(fluid > 50, fluid + " voxels of fluid in patient " + patient);
    }
    assertTrue(rim[1] > 1.2 * rim[0], rim[1] + " after contrast agent, " + rim[0] + " before");
  }

  @Test
  void theHeaderSaysWhereTheVoxelsLie() throws IOException {
    ByteBuffer header;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file(0, "t2")))) {
      header = ByteBuffer.wrap(in.readNBytes(352)).order(ByteOrder.LITTLE_ENDIAN);
    }
    float pixel = header.getFloat(80);
    float step = header.getFloat(88);
    assertTrue(pixel > 212f / SIZE && pixel < 245f / SIZE, pixel + " mm");
    assertTrue(step > 140f / SLICES && step < 165f / SLICES, step + " mm");
    float reach = pixel * (SIZE - 1) / 2;
    float[] matrix = new float[12];
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = header.getFloat(280 + 4 * i);
    }
    float lowest = matrix[11];
    assertEquals(-63 + step / 2, lowest, 1e-3);
    assertArrayEquals(
        new float[] {-pixel, 0, 0, reach, 0, -pixel, 0, reach, 0, 0, step, lowest}, matrix, 1e-4f);
    assertArrayEquals(matrixOfTheQuaternion(header), matrix, 1e-4f);
    assertEquals(1, header.getShort(252));
    assertEquals(1, header.getShort(254));
    assertEquals(2, header.get(123));
    assertEquals(0, header.getInt(348), "extensions");
  }

  /** The other way in which NIfTI tells the same, by the formula of its standard. */
  private static float[] matrixOfTheQuaternion(ByteBuffer header) {
    float b = header.getFloat(256);
    float c = header.getFloat(260);
    float d = header.getFloat(264);
    double a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
    double[] rotation = {
      a * a + b * b - c * c - d * d,
      2 * (b * c - a * d),
      2 * (b * d + a * c),
      2 * (b * c + a * d),
      a * a + c * c - b * b - d * d,
      2 * (c * d - a * b),
      2 * (b * d - a * c),
      2 * (c * d + a * b),
      a * a + d * d - c * c - b * b
    };
    float[] matrix = new float[12];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        double factor = column == 2 ? header.getFloat(76) : 1;
        matrix[4 * row + column] =
            (float) (rotation[3 * row + column] * factor * header.getFloat(80 + 4 * column));
      }
      matrix[4 * row + 3] = header.getFloat(268 + 4 * row);
    }
    return matrix;
  }

  @Test
  void theSeedDecides(@TempDir Path other) throws IOException {
    BratsPhantoms.write(other, new PhantomOptions(1, SLICES, SIZE, 5));
    String name = "BraTS_Phantom_0001/BraTS_Phantom_0001_t2.nii.gz";
    assertArrayEquals(volume(0, "t2").values(), NiftiFile.read(other.resolve(name)).values());
    BratsPhantoms.write(other, new PhantomOptions(1, SLICES, SIZE, 6));
    float[] others = NiftiFile.read(other.resolve(name)).values();
    assertFalse(Arrays.equals(volume(0, "t2").values(), others));
  }

  @Test
  void volumesThatNobodyReadsAreNotWritten(@TempDir Path other) {
    PhantomOptions huge = new PhantomOptions(1, 9999, 4096, 1);
    String message =
        assertThrows(IllegalArgumentException.class, () -> BratsPhantoms.write(other, huge))
            .getMessage();
    assertTrue(message.contains("33554432 voxels"), message);
  }
}
