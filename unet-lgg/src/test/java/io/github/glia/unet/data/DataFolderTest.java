package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  private static final ReadOptions PLAIN = options(false);
  private static final Path OUT = Path.of("predictions");

  @TempDir Path folder;

  @Test
  void pairsByNameAndNotByOrder() throws IOException {
    for (int slice = 1; slice <= 12; slice++) {
      lggSlice("TCGA_CS_4941_19960909", slice);
    }
    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of(), data.problems());
    Patient patient = data.patients().get(0);
    assertEquals("TCGA_CS_4941_19960909", patient.name());
    for (int i = 0; i < 12; i++) {
      Slice slice = patient.slices().get(i);
      assertEquals(i + 1, slice.number());
      assertEquals(i + 1, slice.image()[0], "the image of this number");
      assertEquals(i + 1, slice.tumourPixels(), "and its mask");
    }
  }

  @Test
  void listsWhatIsWrongWithAPairAndGoesOn() throws IOException {
    Path patient = folder.resolve("TCGA_CS_4941_19960909");
    String name = "TCGA_CS_4941_19960909_";
    for (int slice = 1; slice <= 9; slice++) {
      lggSlice("TCGA_CS_4941_19960909", slice);
    }
    Files.delete(patient.resolve(name + "1_mask.tif"));
    Files.delete(patient.resolve(name + "2.tif"));
    TestFiles.grey(patient.resolve(name + "3_mask.tif"), 8, (x, y) -> 0);
    TestFiles.grey(patient.resolve(name + "4_mask.tif"), 16, (x, y) -> 17);
    TestFiles.grey(patient.resolve(name + "5.tif"), 16, (x, y) -> 1);
    Files.write(patient.resolve(name + "6.tif"), new byte[] {'I', 'I', 42, 0, 1});
    TestFiles.rgb(patient.resolve(name + "7_mask.tif"), 16, (x, y) -> 255);
    lggSlice("TCGA_CS_4941_19960909", "TCGA_DU_1111_20000101", 8);

    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(1, data.patients().size());
    assertEquals(
        List.of(7, 8, 9), data.patients().get(0).slices().stream().map(Slice::number).toList());
    assertProblem(data, name + "1.tif", "image without a mask");
    assertProblem(data, name + "2_mask.tif", "mask without an image");
    assertProblem(data, name + "3_mask.tif", "mask is 8×8×1, but its image is 16×16×3");
    assertProblem(data, name + "4_mask.tif", "value 17.0; expected only 0 and 255");
    assertProblem(data, name + "5.tif", "has 1 channels; the other images have 3");
    assertProblem(data, name + "6.tif", "beyond the end of the file");
    assertProblem(data, "TCGA_DU_1111_20000101_8.tif", "named as another's");
    assertEquals(7, data.problems().size());

    IOException stopped =
        assertThrows(IOException.class, () -> DataFolder.read(folder, options(true)));
    assertTrue(stopped.getMessage().contains("4941_19960909_"), stopped.getMessage());
  }

  @Test
  void readsAFolderOfOtherImages() throws IOException {
    Path deep = folder.resolve("anna_1.png");
    TestFiles.image(deep, BufferedImage.TYPE_USHORT_GRAY, 20, 10, (x, y) -> x < 10 ? 0 : 65535);
    TestFiles.image(
        folder.resolve("anna_1_mask.jpg"),
        BufferedImage.TYPE_BYTE_GRAY,
        20,
        10,
        (x, y) -> x < 10 ? 255 : 0);
    TestFiles.grey(folder.resolve("anna_02.tif"), 40, (x, y) -> 51);
    TestFiles.image(
        folder.resolve("anna_02_MASK.png"), BufferedImage.TYPE_BYTE_BINARY, 40, 40, (x, y) -> 1);
    TestFiles.grey(folder.resolve("bert.jpg"), 8, (x, y) -> 100);
    TestFiles.grey(folder.resolve("bert_mask.png"), 8, (x, y) -> 0);

    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of(), data.problems());
    assertEquals(List.of("anna", "bert"), data.patients().stream().map(Patient::name).toList());
    Slice first = data.patients().get(0).slices().get(0);
    assertEquals(List.of(16, 16, 1), List.of(first.height(), first.width(), first.channels()));
    assertEquals(0, first.image()[0]);
    assertEquals((byte) 255, first.image()[15]);
    assertEquals(8 * 16, first.tumourPixels());
    assertEquals(1, first.mask()[0]);
    Slice second = data.patients().get(0).slices().get(1);
    assertEquals(51, second.image()[100]);
    assertEquals(16 * 16, second.tumourPixels());
  }

  @Test
  void keepsTheSizeOnRequest() throws IOException {
    TestFiles.image(
        folder.resolve("a_1.png"), BufferedImage.TYPE_BYTE_GRAY, 5, 3, (x, y) -> 10 * x + y);
    ReadOptions asItIs = new ReadOptions(0, Normalization.PLAIN, false, List.of());
    Slice slice = ToPredict.read(List.of(folder), asItIs, OUT).slices().get(0);
    assertEquals(List.of(3, 5), List.of(slice.height(), slice.width()));
    assertEquals(42, slice.image()[14]);
    assertNull(slice.mask());
  }

  @Test
  void predictionTakesAFileOrAFolderWithoutItsMasks() throws IOException {
    Path patient = folder.resolve("TCGA_CS_4941_19960909");
    lggSlice("TCGA_CS_4941_19960909", 3);
    lggSlice("TCGA_CS_4941_19960909", 4);
    Path file = patient.resolve("TCGA_CS_4941_19960909_4.tif");
    List<Slice> one = ToPredict.read(List.of(file), PLAIN, OUT).slices();
    assertEquals(List.of(4), one.stream().map(Slice::number).toList());
    assertEquals(2, ToPredict.read(List.of(folder), PLAIN, OUT).slices().size());
    Files.write(patient.resolve("broken_9.tif"), new byte[9]);
    assertEquals(1, ToPredict.read(List.of(folder), PLAIN, OUT).problems().size());
    IOException refused =
        assertThrows(IOException.class, () -> ToPredict.read(List.of(folder), options(true), OUT));
    assertTrue(refused.getMessage().contains("broken_9.tif"), refused.getMessage());
  }

  @Test
  void readsSomePatientsOfMany() throws IOException {
    for (String patient : List.of("TCGA_CS_0001_19960909", "TCGA_CS_0002_19960909")) {
      lggSlice(patient, 1);
    }
    DataSet data = DataFolder.read(folder, PLAIN, List.of("TCGA_CS_0002_19960909", "nobody"));
    assertEquals(
        List.of("TCGA_CS_0002_19960909"), data.patients().stream().map(Patient::name).toList());
    IOException none =
        assertThrows(
            IOException.class, () -> DataFolder.read(folder, PLAIN, List.of("nobody", "else")));
    assertTrue(none.getMessage().endsWith("can be read of else, nobody"), none.getMessage());
  }

  @Test
  void anyNumberOfThreadsReadsTheSameAndNamesTheSameProblemsInTheirOrder() throws IOException {
    for (int patient = 1; patient <= 9; patient++) {
      String name = "TCGA_CS_000" + patient + "_19960909";
      for (int slice = 1; slice <= 1 + patient % 3; slice++) {
        lggSlice(name, slice);
      }
      Files.write(folder.resolve(name + "/" + name + "_8.tif"), new byte[patient]);
      Files.write(folder.resolve(name + "/" + name + "_8_mask.tif"), new byte[patient]);
      TestFiles.grey(folder.resolve(name + "/" + name + "_9.tif"), 16, (x, y) -> 1);
      TestFiles.grey(folder.resolve(name + "/" + name + "_9_mask.tif"), 16, (x, y) -> 7);
    }
    DataSet one = DataFolder.read(folder, PLAIN.by(1));
    DataSet five = DataFolder.read(folder, PLAIN.by(5));
    assertEquals(18, one.problems().size());
    assertEquals(one.problems(), five.problems());
    assertEquals(one.description(), five.description());
    assertEquals(9, one.patients().size());
    for (int i = 0; i < 9; i++) {
      assertEquals(one.patients().get(i).name(), five.patients().get(i).name());
      assertEquals(one.patients().get(i).stored(), five.patients().get(i).stored());
      List<Slice> slices = one.patients().get(i).slices();
      List<Slice> others = five.patients().get(i).slices();
      assertEquals(slices.size(), others.size());
      for (int j = 0; j < slices.size(); j++) {
        assertEquals(slices.get(j).source(), others.get(j).source());
        assertArrayEquals(slices.get(j).image(), others.get(j).image());
        assertArrayEquals(slices.get(j).mask(), others.get(j).mask());
      }
    }
    IOException first =
        assertThrows(IOException.class, () -> DataFolder.read(folder, options(true).by(5)));
    assertEquals(one.problems().get(0).toString(), first.getMessage());
  }

  @Test
  void foldersWithNothingToReadAreErrors() throws IOException {
    refuses(folder, "holds no images");
    refuses(folder.resolve("none"), "no such folder");
    refuses(Files.createFile(folder.resolve("file.txt")), "is not a folder");
    Files.write(folder.resolve("a_1.png"), new byte[] {1});
    refuses(folder, "a_1.png: image without a mask");
  }

  @Test
  void foldersApartAreDifferentPatients() throws IOException {
    for (String patient : List.of("p1", "p2")) {
      TestFiles.grey(folder.resolve(patient + "/slice_1.png"), 8, (x, y) -> 1);
      TestFiles.grey(folder.resolve(patient + "/slice_1_mask.png"), 8, (x, y) -> 0);
    }
    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of("p1", "p2"), data.patients().stream().map(Patient::name).toList());
  }

  @Test
  void ofTwoCopiesOfASetOneIsReadAndTheOtherIsNamed() throws IOException {
    String anna = "TCGA_CS_0001_19960909";
    String bert = "TCGA_CS_0002_19960909";
    for (String copy : List.of("kaggle_3m", "lgg-mri-segmentation/kaggle_3m")) {
      for (int slice = 1; slice <= 3; slice++) {
        lggSlice(copy + "/" + anna, anna, slice);
        lggSlice(copy + "/" + bert, bert, slice);
      }
    }
    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of(anna, bert), data.patients().stream().map(Patient::name).toList());
    for (Patient patient : data.patients()) {
      assertEquals(List.of(1, 2, 3), patient.slices().stream().map(Slice::number).toList());
      Path first = folder.resolve("kaggle_3m").resolve(patient.name());
      assertTrue(patient.slices().stream().allMatch(s -> s.source().getParent().equals(first)));
      assertProblem(
          data,
          patient.name(),
          "is a second folder of patient " + patient.name() + ", beside " + first + "; only that");
    }
    assertEquals(
        List.of("kaggle_3m", "kaggle_3m"),
        data.problems().stream().map(p -> p.file().getParent().getFileName().toString()).toList());
    assertTrue(
        data.problems().stream().allMatch(p -> p.file().toString().contains("lgg-mri")),
        data.problems().toString());
    assertEquals(
        1, DataFolder.read(folder, PLAIN, List.of(bert)).problems().size(), "only who is wanted");

    Path inner = folder.resolve("lgg-mri-segmentation");
    DataSet one = DataFolder.read(inner, options(true));
    assertEquals(2, one.patients().size());
    assertTrue(
        assertThrows(IOException.class, () -> DataFolder.read(folder, options(true)))
            .getMessage()
            .contains("is a second folder of patient " + anna));
  }

  @Test
  void aPatientIsNotBothInAFolderAndBesideIt() throws IOException {
    for (String image : List.of("anna_1", "bert_1", "anna/s_1")) {
      TestFiles.grey(folder.resolve(image + ".png"), 8, (x, y) -> 1);
      TestFiles.grey(folder.resolve(image + "_mask.png"), 8, (x, y) -> 0);
    }
    DataSet data = DataFolder.read(folder, PLAIN);
    assertEquals(List.of("anna", "bert"), data.patients().stream().map(Patient::name).toList());
    assertEquals(2, data.patients().stream().mapToInt(p -> p.slices().size()).sum());
    assertEquals(1, data.problems().size());
  }

  @Test
  void stretchesEachChannelOfAVolumeByItsPercentiles() throws IOException {
    TestFiles.grey(folder.resolve("a_1.png"), 16, (x, y) -> y == 0 ? 0 : 50);
    TestFiles.grey(folder.resolve("a_1_mask.png"), 16, (x, y) -> 0);
    TestFiles.grey(folder.resolve("a_2.png"), 16, (x, y) -> y == 0 ? 80 : 100);
    TestFiles.grey(folder.resolve("a_2_mask.png"), 16, (x, y) -> 0);
    ReadOptions stretched = new ReadOptions(16, Normalization.PERCENTILE, false, List.of());
    List<Slice> slices = DataFolder.read(folder, stretched).patients().get(0).slices();
    assertArrayEquals(
        new byte[] {0, 0, (byte) 153, (byte) 255},
        new byte[] {
          slices.get(0).image()[0],
          slices.get(0).image()[200],
          slices.get(1).image()[0],
          slices.get(1).image()[200]
        });
  }

  @Test
  void aSliceAtItsOwnSizeIsNormalisedLikeTheResizedOne() throws IOException {
    // Bright dots that resizing blurs: as they are, they would darken the rest.
    TestFiles.grey(
        folder.resolve("a_1.png"),
        64,
        (x, y) -> x % 8 == 0 && y % 8 == 0 ? 250 : x < 32 ? 20 : 100);
    TestFiles.grey(folder.resolve("a_1_mask.png"), 64, (x, y) -> 0);
    ReadOptions resized = new ReadOptions(8, Normalization.PERCENTILE, false, List.of());
    Slice small = onlySlice(resized);
    Slice own = onlySlice(resized.atOwnSize());
    assertEquals(64, own.height());
    assertEquals(small.image()[6 * 8 + 6] & 0xff, own.image()[52 * 64 + 52] & 0xff, 8);
    Slice apart = onlySlice(new ReadOptions(0, Normalization.PERCENTILE, false, List.of()));
    assertEquals(Math.round(255 * 80 / 230f), apart.image()[52 * 64 + 52] & 0xff);
    assertTrue((own.image()[52 * 64 + 52] & 0xff) > 200);
  }

  private Slice onlySlice(ReadOptions options) throws IOException {
    return DataFolder.read(folder, options).patients().get(0).slices().get(0);
  }

  private static ReadOptions options(boolean strict) {
    return new ReadOptions(16, Normalization.PLAIN, strict, List.of());
  }

  /** An image whose pixels are the slice's number, and a mask with as many tumour pixels. */
  private void lggSlice(String patient, int slice) throws IOException {
    lggSlice(patient, patient, slice);
  }

  private void lggSlice(String inFolder, String patient, int slice) throws IOException {
    String stem = inFolder + "/" + patient + "_" + slice;
    TestFiles.rgb(folder.resolve(stem + ".tif"), 16, (x, y) -> slice);
    TestFiles.grey(folder.resolve(stem + "_mask.tif"), 16, (x, y) -> 16 * y + x < slice ? 255 : 0);
  }

  private static void assertProblem(DataSet data, String file, String reason) {
    assertTrue(
        data.problems().stream()
            .anyMatch(
                problem ->
                    problem.file().getFileName().toString().equals(file)
                        && problem.reason().contains(reason)),
        () -> file + ": " + reason + " is not among " + data.problems());
  }

  private static void refuses(Path place, String message) {
    IOException refused = assertThrows(IOException.class, () -> DataFolder.read(place, PLAIN));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}
