package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NiftiTest {
  private static final ReadOptions PLAIN =
      new ReadOptions(0, Normalization.PLAIN, false, List.of());
  private static final short[] VOXELS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"a.nii", "a.nii.gz"})
  void readsVoxelsInTheirOrder(String name) throws IOException {
    NiftiFile volume = NiftiFile.read(nifti(name, TestFiles.niftiHeader(3, 2, 2)));
    assertEquals(List.of(2, 2, 3), List.of(volume.depth(), volume.height(), volume.width()));
    assertEquals(11, volume.values()[11]);
  }

  @Test
  void readsBigEndianScaledVoxels() throws IOException {
    ByteBuffer header = TestFiles.niftiHeader(3, 2, 2);
    ByteBuffer big = ByteBuffer.allocate(352).order(ByteOrder.BIG_ENDIAN);
    big.put(344, new byte[] {'n', '+', '1', 0});
    big.putInt(0, 348).putFloat(108, 352).putFloat(112, 2).putFloat(116, -1);
    for (int at = 40; at < 48; at += 2) {
      big.putShort(at, header.getShort(at));
    }
    big.putShort(70, (short) 4).putShort(72, (short) 16);
    NiftiFile volume = NiftiFile.read(nifti("a.nii", big));
    assertArrayEquals(new float[] {-1, 1, 3}, Arrays.copyOf(volume.values(), 3));
  }

  @ParameterizedTest
  @ValueSource(floats = {0, Float.NaN})
  void aSlopeOfZeroOrNoNumberScalesNothing(float slope) throws IOException {
    ByteBuffer header = TestFiles.niftiHeader(3, 2, 2);
    header.putFloat(112, slope).putFloat(116, Float.NaN);
    NiftiFile volume = NiftiFile.read(nifti("a.nii", header));
    assertArrayEquals(new float[] {0, 1, 2}, Arrays.copyOf(volume.values(), 3));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 4, 7, size is not 348",
    "40, 2, 99, has 99 dimensions",
    "42, 2, -5, length -5",
    "42, 2, 0, length 0",
    "46, 2, 200, 'ends after 12 of 1200 voxels'",
    "70, 2, 1792, datatype 1792",
    "72, 2, 64, 64 bits",
    "344, 4, 0, magic",
    "344, 4, 0x0031696e, another file",
    "108, 4, 0x7fc00000, vox_offset NaN",
    "108, 4, 0x7f000000, vox_offset 1.7",
    "108, 4, 0xc2c80000, vox_offset -100",
    "108, 4, 0x4b000000, header extensions",
    "112, 4, 0x7f800000, scl_slope Infinity",
    "116, 4, 0x7fc00000, scl_inter NaN",
    "112, 4, 0x7f7fffff, after scaling",
  })
  void refusesAHeaderThatLies(int at, int bytes, String value, String message) throws IOException {
    ByteBuffer header = TestFiles.niftiHeader(3, 2, 2);
    int number = Long.decode(value).intValue();
    if (bytes == 2) {
      header.putShort(at, (short) number);
    } else {
      header.putInt(at, number);
    }
    for (String name : List.of("a.nii", "a.nii.gz")) {
      refuses(nifti(name, header), message);
    }
  }

  @Test
  void refusesAVolumeOfGigabytes() throws IOException {
    refuses(nifti("a.nii.gz", TestFiles.niftiHeader(32767, 32767, 32767)), "at most 33554432");
    ByteBuffer series = TestFiles.niftiHeader(3, 2, 2);
    series.putShort(40, (short) 4).putShort(48, (short) 30);
    refuses(nifti("a.nii", series), "30 volumes in dimension 4");
  }

  @Test
  void refusesATruncatedFile() throws IOException {
    byte[] whole = Files.readAllBytes(nifti("a.nii.gz", TestFiles.niftiHeader(3, 2, 2)));
    for (int length = 0; length < whole.length - 8; length += 5) {
      Path file = Files.write(folder.resolve("cut.nii.gz"), Arrays.copyOf(whole, length));
      refuses(file, "");
    }
  }

  @Test
  void mergesLabelsAndOrdersChannels() throws IOException {
    brats("BraTS20_Training_001", "flair", "t1", "t1ce", "t2");
    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of(), data.problems());
    Patient patient = data.patients().get(0);
    assertEquals("BraTS20_Training_001", patient.name());
    assertEquals(2, patient.slices().size());
    Slice second = patient.slices().get(1);
    assertEquals(4, second.channels());
    assertArrayEquals(new byte[] {0, 1, 1, 0, 1, 0}, second.mask());
    // t1 rises from 0 to 11, flair falls from 11 to 0
    assertEquals(Math.round(6 * 255 / 11f), second.image()[0] & 0xff);
    assertEquals(Math.round(5 * 255 / 11f), second.image()[3] & 0xff);

    ReadOptions flair = new ReadOptions(0, Normalization.PLAIN, true, List.of("flair"));
    Slice only = DataFolder.read(folder, flair).patients().get(0).slices().get(1);
    assertEquals(1, only.channels());
    assertEquals(second.image()[3], only.image()[0]);
    Path file = folder.resolve("BraTS20_Training_001/BraTS20_Training_001_t2.nii.gz");
    Path out = folder.resolve("predictions");
    assertEquals(4, ToPredict.read(List.of(file), PLAIN, out).slices().get(0).channels());
    ReadOptions flairAndT1 = new ReadOptions(0, Normalization.PLAIN, true, List.of("flair", "t1"));
    ToPredict two = ToPredict.read(List.of(file), flairAndT1, out);
    assertEquals(List.of("sequences that are taken: flair, t1"), two.notes());
    assertEquals(second.image()[3], two.slices().get(1).image()[0]);
    assertEquals(second.image()[0], two.slices().get(1).image()[1]);
  }

  @Test
  void listsCasesThatAreNotWhole() throws IOException {
    brats("whole", "flair", "t1", "t1ce", "t2");
    brats("partial", "flair", "t1", "t2");
    brats("blind", "flair", "t1", "t1ce", "t2");
    Files.delete(folder.resolve("blind/blind_seg.nii.gz"));
    brats("odd", "flair", "t1", "t1ce", "t2");
    TestFiles.nifti(
        folder.resolve("odd/odd_seg.nii.gz"), TestFiles.niftiHeader(1, 1, 1), (short) 0);
    brats("labelled", "flair", "t1", "t1ce", "t2");
    nifti("labelled/labelled_seg.nii.gz", TestFiles.niftiHeader(3, 2, 2));
    nifti("what.nii", TestFiles.niftiHeader(3, 2, 2));

    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of("whole"), data.patients().stream().map(Patient::name).toList());
    String problems = data.problems().toString();
    assertEquals(5, data.problems().size(), problems);
    for (String expected :
        List.of(
            "case partial has no t1ce, and takes: [t1, t1ce, t2, flair]",
            "case blind has no segmentation",
            "is 1×1×1 voxels, but others of its case are 3×2×2",
            "holds the label 5.0",
            "its name says no modality")) {
      assertTrue(problems.contains(expected), () -> expected + " is not in " + problems);
    }
  }

  private void brats(String name, String... modalities) throws IOException {
    for (String modality : modalities) {
      short[] voxels = VOXELS.clone();
      for (int i = 0; modality.equals("flair") && i < voxels.length; i++) {
        voxels[i] = (short) (11 - VOXELS[i]);
      }
      TestFiles.nifti(
          folder.resolve(name + "/" + name + "_" + modality + ".nii.gz"),
          TestFiles.niftiHeader(3, 2, 2),
          voxels);
    }
    short[] labels = {0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 4, 0};
    TestFiles.nifti(
        folder.resolve(name + "/" + name + "_seg.nii.gz"), TestFiles.niftiHeader(3, 2, 2), labels);
  }

  private Path nifti(String name, ByteBuffer header) throws IOException {
    return TestFiles.nifti(folder.resolve(name), header, VOXELS);
  }

  private static void refuses(Path file, String message) {
    IOException refused = assertThrows(IOException.class, () -> NiftiFile.read(file));
    assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}
