package io.github.glia.unet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "80/20, 20, 16, 4, 0",
    "70/15/15, 20, 14, 3, 3",
    "70/15/15, 3, 1, 1, 1",
    "80/20, 2, 1, 1, 0",
    "98/1/1, 10, 8, 1, 1",
    "100/0, 5, 5, 0, 0",
    "1/99, 3, 1, 2, 0"
  })
  void dealsOutAllPatients(String proportions, int patients, int train, int validation, int test) {
    Split split = Splits.byPatient(data(patients, 1), proportions, 7);
    assertEquals(train, split.train().size());
    assertEquals(validation, split.validation().size());
    assertEquals(test, split.test().size());
  }

  @Test
  void aSeedRepeatsASplitWhateverTheOrderOfThePatients() {
    DataSet data = data(30, 1);
    Split split = Splits.byPatient(data, "70/15/15", 7);
    List<Patient> reversed = new ArrayList<>(data.patients());
    Collections.reverse(reversed);
    assertEquals(split, Splits.byPatient(new DataSet("", reversed, List.of()), "70/15/15", 7));
    assertNotEquals(split, Splits.byPatient(data, "70/15/15", 8));
  }

  @Test
  void eachPatientValidatesInOneFold() {
    List<String> validated = new ArrayList<>();
    for (int fold = 1; fold <= 4; fold++) {
      Split split = Splits.fold(data(11, 1), 4, fold, 3);
      assertEquals(11, split.train().size() + split.validation().size());
      validated.addAll(split.validation());
    }
    assertEquals(names(11), validated.stream().sorted().toList());
  }

  @Test
  void bySliceDealsOutSlicesOfTheSamePatient() {
    List<DataSet> parts = Splits.bySlice(data(2, 10), "70/15/15", 5);
    assertEquals(
        List.of(14, 3, 3),
        parts.stream()
            .map(part -> part.patients().stream().mapToInt(p -> p.slices().size()).sum())
            .toList());
    assertEquals(2, parts.get(0).patients().size());
    long different =
        parts.stream()
            .flatMap(part -> part.patients().stream())
            .flatMap(patient -> patient.slices().stream())
            .distinct()
            .count();
    assertEquals(20, different);
  }

  @Test
  void isReadBackAsItWasWritten() throws IOException {
    Split split = Splits.byPatient(data(9, 1), "70/15/15", 1);
    Path file = folder.resolve("split.json");
    Splits.write(split, file);
    assertEquals(split, Splits.read(file));
    Splits.check(split, data(9, 1));
    assertThrows(IOException.class, () -> Splits.check(split, data(5, 1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"train\": [\"a\"]}",
        "{\"train\": [1], \"validation\": [], \"test\": []}",
        "{\"train\": [\"a\"], \"validation\": [\"a\"], \"test\": []}"
      })
  void refusesAFileThatIsNoSplit(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("split.json"), json);
    IOException refused = assertThrows(IOException.class, () -> Splits.read(file));
    assertTrue(refused.getMessage().startsWith(file + ": is no split"), refused.getMessage());
  }

  @Test
  void namesThePatientWhoIsInTwoParts() throws IOException {
    Path file = folder.resolve("split.json");
    Files.writeString(file, "{\"train\": [\"a\", \"b\"], \"validation\": [\"b\"], \"test\": []}");
    String message = assertThrows(IOException.class, () -> Splits.read(file)).getMessage();
    assertEquals(
        file
            + ": is no split: patient b is in train and in validation; each belongs to one part,"
            + " once",
        message);
    Files.writeString(file, "{\"train\": [\"b\", \"b\"], \"validation\": [], \"test\": []}");
    message = assertThrows(IOException.class, () -> Splits.read(file)).getMessage();
    assertTrue(message.contains("patient b is twice in train"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"80", "80/30", "0/100", "a/b", "50/20/20/10", "-10/110", "80/20/", ""})
  void refusesProportionsThatMakeNoSense(String proportions) {
    DataSet data = data(10, 1);
    assertThrows(IllegalArgumentException.class, () -> Splits.byPatient(data, proportions, 1));
  }

  @Test
  void refusesMorePartsThanPatients() {
    DataSet one = data(1, 1);
    assertThrows(IllegalArgumentException.class, () -> Splits.byPatient(one, "80/20", 1));
    assertThrows(IllegalArgumentException.class, () -> Splits.fold(one, 2, 1, 1));
    DataSet three = data(3, 1);
    assertThrows(IllegalArgumentException.class, () -> Splits.fold(three, 3, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> Splits.fold(three, 3, 4, 1));
  }

  private static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.format("p%03d", i)).toList();
  }

  private static DataSet data(int patients, int slices) {
    List<Patient> list =
        names(patients).stream()
            .map(
                name ->
                    new Patient(
                        name,
                        IntStream.range(0, slices)
                            .mapToObj(
                                i ->
                                    new Slice(
                                        name, i, Path.of(name), 1, 1, 1, new byte[1], new byte[1]))
                            .toList()))
            .toList();
    return new DataSet("made up", list, List.of());
  }
}
