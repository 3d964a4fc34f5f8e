package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToPredictTest {
  private static final ReadOptions STRETCHED =
      new ReadOptions(0, Normalization.PERCENTILE, false, List.of());
  private static final String PATIENT = "TCGA_CS_4941_19960909";

  private static final Path OUT = Path.of("predictions");

  @TempDir Path folder;

  @Test
  void aSliceAloneIsNormalisedLikeInItsVolume() throws IOException {
    slice(PATIENT, 1);
    slice(PATIENT, 2);
    slice(PATIENT, 10);
    slice("TCGA_CS_5000_20000101", 2);
    for (Path place : List.of(folder, folder.resolve(PATIENT))) {
      List<Slice> all = ToPredict.read(List.of(place), STRETCHED, OUT).slices();
      for (int number : new int[] {1, 2, 10}) {
        ToPredict alone = ToPredict.read(List.of(file(PATIENT, number)), STRETCHED, OUT);
        Slice slice = alone.slices().get(0);
        assertEquals(1, alone.slices().size());
        assertEquals(number, slice.number());
        assertEquals(List.of(), alone.notes());
        Slice same =
            all.stream().filter(s -> s.source().equals(slice.source())).findFirst().orElseThrow();
        assertArrayEquals(same.image(), slice.image());
      }
    }
  }

  @Test
  void aSliceWithoutItsVolumeIsNormalisedByItselfAndThatIsSaid() throws IOException {
    slice(PATIENT, 1);
    slice(PATIENT, 2);
    byte[] inVolume =
        ToPredict.read(List.of(file(PATIENT, 1)), STRETCHED, OUT).slices().get(0).image();
    Files.delete(file(PATIENT, 2));
    ToPredict alone = ToPredict.read(List.of(file(PATIENT, 1)), STRETCHED, OUT);
    assertFalse(Arrays.equals(inVolume, alone.slices().get(0).image()));
    assertNote(alone, PATIENT + "_1.tif: normalised by its own intensities alone");
    ReadOptions plain = new ReadOptions(0, Normalization.PLAIN, false, List.of());
    assertEquals(List.of(), ToPredict.read(List.of(file(PATIENT, 1)), plain, OUT).notes());
  }

  @Test
  void neighboursAreSlicesOfTheSameVolumeOnly() throws IOException {
    TestFiles.grey(folder.resolve("anna_1.png"), 8, (x, y) -> 8 * y + x);
    TestFiles.grey(folder.resolve("anna_1.tif"), 8, (x, y) -> 1);
    TestFiles.grey(folder.resolve("anna_2.tif"), 8, (x, y) -> 1);
    TestFiles.grey(folder.resolve("anna_3_mask.png"), 8, (x, y) -> 255);
    TestFiles.grey(folder.resolve("bert_1.png"), 8, (x, y) -> 255);
    TestFiles.grey(folder.resolve("anna_1_predicted.png"), 8, (x, y) -> 255);
    TestFiles.grey(folder.resolve(".anna_9.png"), 8, (x, y) -> 255);
    ToPredict alone = ToPredict.read(List.of(folder.resolve("anna_1.png")), STRETCHED, OUT);
    assertNote(alone, "anna_1.png: normalised by its own");
    assertEquals((byte) 255, alone.slices().get(0).image()[63]);
  }

  @Test
  void filesOfAFolderAreReadTogetherAndTheirMasksLeftOut() throws IOException {
    for (int number : new int[] {1, 2, 3}) {
      slice(PATIENT, number);
      TestFiles.grey(mask(number), 8, (x, y) -> 0);
    }
    Path other = slice("TCGA_CS_5000_20000101", 2);
    List<Path> inputs =
        List.of(file(PATIENT, 3), mask(3), other, folder, file(PATIENT, 1), mask(1));
    assertEquals(
        List.of(
            List.of(file(PATIENT, 3), mask(3), file(PATIENT, 1), mask(1)),
            List.of(other),
            List.of(folder)),
        ToPredict.together(inputs));
    ToPredict found = ToPredict.read(ToPredict.together(inputs).get(0), STRETCHED, OUT);
    assertEquals(List.of(1, 3), found.slices().stream().map(Slice::number).toList());
    assertNote(found, "masks by their names (2)");
    refuses("_1_mask.tif is a mask, by its name; give the image", mask(1));
  }

  @Test
  void onlyWhatWasAskedForMustBeWhole() throws IOException {
    slice(PATIENT, 1);
    slice(PATIENT, 2);
    Files.write(file(PATIENT, 3), new byte[] {'I', 'I', 42, 0, 1});
    ToPredict found = ToPredict.read(List.of(file(PATIENT, 2)), STRETCHED, OUT);
    assertEquals(1, found.slices().size());
    assertNote(found, "not used to normalise the others: " + file(PATIENT, 3));
    refuses("_3.tif: ", file(PATIENT, 3));
    refuses("notes: is not a TIFF, PNG or JPEG", Files.writeString(folder.resolve("notes"), "a"));
    refuses("there is no such file or folder", folder.resolve("nowhere.tif"));
  }

  private Path file(String patient, int number) {
    return folder.resolve(patient + "/" + patient + "_" + number + ".tif");
  }

  private Path mask(int number) {
    return folder.resolve(PATIENT + "/" + PATIENT + "_" + number + "_mask.tif");
  }

  /** A slice whose intensities end at 20 times its number. */
  private Path slice(String patient, int number) throws IOException {
    return TestFiles.rgb(file(patient, number), 8, (x, y) -> number * 20 * (8 * y + x) / 63);
  }

  private static void assertNote(ToPredict found, String note) {
    assertEquals(1, found.notes().size(), found.notes()::toString);
    assertTrue(found.notes().get(0).contains(note), found.notes()::toString);
  }

  private static void refuses(String message, Path file) {
    IOException refused =
        assertThrows(IOException.class, () -> ToPredict.read(List.of(file), STRETCHED, OUT));
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}
