package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeapBudgetTest {
  /** Bytes of a patient: two slices of 16×16 with three channels and a mask. */
  private static final int PATIENT = 2 * 16 * 16 * 4;

  @TempDir Path folder;

  @Test
  void keepsWhatFits() throws IOException {
    HeapBudget budget = new HeapBudget(folder, 16 * PATIENT);
    for (int i = 1; i <= 11; i++) {
      Patient patient = patient();
      assertSame(patient, budget.keep(patient, i / 11.0));
    }
  }

  @Test
  void refusesAsSoonAsItIsClearThatTheFolderWillNotFit() throws IOException {
    HeapBudget budget = new HeapBudget(Path.of("brats"), 99 * PATIENT);
    int kept = 0;
    while (kept < 6) {
      budget.keep(patient(), ++kept / 369.0);
    }
    IOException refused =
        assertThrows(IOException.class, () -> budget.keep(patient(), 7 / 369.0), "a tenth is full");
    assertEquals(
        "brats takes about 0.7 MiB as slices of 16×16 with 3 channels, and Java may use 0.2 MiB,"
            + " 70 % of it for slices: choose fewer --modalities or a smaller --size, or"
            + " allow more with GLIA_JAVA_OPTIONS=-Xmx1g",
        refused.getMessage());
  }

  @Test
  void aLargeFirstPatientRefusesNothing() throws IOException {
    HeapBudget budget = new HeapBudget(folder, 100 * PATIENT);
    assertEquals("p", budget.keep(patient(), 0.001).name());
  }

  @Test
  void aFolderIsReadWithoutKeepingIt() throws IOException {
    for (int patient = 1; patient <= 3; patient++) {
      for (int slice = 1; slice <= patient; slice++) {
        String name = "p" + patient + "/s_" + slice;
        int brightness = 10 * patient + slice;
        TestFiles.grey(folder.resolve(name + ".png"), 8, (x, y) -> x == 0 ? 1 : brightness);
        TestFiles.grey(folder.resolve(name + "_mask.png"), 8, (x, y) -> 0);
      }
    }
    TestFiles.rgb(folder.resolve("other/s_1.png"), 8, (x, y) -> 1);
    TestFiles.grey(folder.resolve("other/s_1_mask.png"), 8, (x, y) -> 0);
    Reading<List<StoredRange>> reading =
        DataFolder.read(folder, ReadOptions.ofSize(0), Patient::stored);
    assertEquals(
        List.of(
            List.of(new StoredRange(1, 11)),
            List.of(new StoredRange(1, 22)),
            List.of(new StoredRange(1, 33))),
        reading.patients());
    assertEquals(folder + " (images): 3 patients, 6 slices", reading.description());
    assertEquals(1, reading.problems().size(), "the patient with three channels");
  }

  private static Patient patient() {
    Slice slice = new Slice("p", 1, Path.of("p_1"), 16, 16, 3, new byte[768], new byte[256]);
    return new Patient("p", List.of(slice, slice));
  }
}
