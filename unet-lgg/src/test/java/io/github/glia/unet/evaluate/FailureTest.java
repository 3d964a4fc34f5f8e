package io.github.glia.unet.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.glia.unet.data.Patient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureTest {
  private static final Mask EMPTY = Drawn.mask(".......", ".......", ".......");
  private static final Mask BAR = Drawn.mask(".......", "#######", ".......");
  private static final Mask DOTS = Drawn.mask(".......", "#.#.#.#", ".......");
  private static final Mask SHORT = Drawn.mask(".......", "###....", ".......");
  private static final Mask ALL = Drawn.mask("#######", "#######", "#######");
  private static final Mask NEARLY = Drawn.mask(".......", "######.", ".......");
  private static final Mask ABOVE = Drawn.mask("##.....", ".......", ".......");

  @Test
  void kinds() {
    kind(Failure.Kind.MISSED, BAR, EMPTY);
    kind(Failure.Kind.MISSED, BAR, ABOVE);
    kind(Failure.Kind.FALSE_ALARM, EMPTY, ABOVE);
    kind(Failure.Kind.FRAGMENTED, BAR, DOTS);
    kind(Failure.Kind.TOO_SMALL, BAR, SHORT);
    kind(Failure.Kind.TOO_LARGE, BAR, ALL);
    kind(Failure.Kind.OUTLINE, BAR, NEARLY);
    kind(Failure.Kind.OUTLINE, DOTS, DOTS);
  }

  private static void kind(Failure.Kind expected, Mask truth, Mask prediction) {
    Case slice = cases(List.of(truth), List.of(prediction)).get(0);
    assertEquals(expected, Failure.Kind.of(slice.result()));
  }

  @Test
  void explanations() {
    explained(
        "The tumour (7 pixels) was not marked at all; the highest probability there was 0.100.",
        BAR,
        EMPTY);
    explained(
        "The tumour (7 pixels) was not marked at all; the highest probability there was 0.100."
            + " Marked instead: 2 pixels elsewhere.",
        BAR,
        ABOVE);
    explained("There is no tumour in this slice, but the prediction has 2 pixels.", EMPTY, ABOVE);
    explained(
        "The tumour is in 1 part, the prediction in 4; 57 % of the tumour was found.", BAR, DOTS);
    explained(
        "Only 43 % of the tumour was found: the prediction has 3 pixels, the tumour 7.",
        BAR, SHORT);
    explained(
        "The prediction has 21 pixels, the tumour 7; 67 % of what was marked is not tumour.",
        BAR, ALL);
    explained(
        "About the right size, with 1 pixel wrong along the outline or elsewhere: 86 % of the"
            + " tumour was found, and 100 % of what was marked is tumour.",
        BAR, NEARLY);
  }

  private static void explained(String expected, Mask truth, Mask prediction) {
    List<Failure> failures = Failure.worst(cases(List.of(truth), List.of(prediction)));
    assertEquals(1, failures.size());
    assertEquals(expected, failures.get(0).explanation());
  }

  @Test
  void oneOfEachKindTheWorstFirst() {
    List<Failure> failures =
        Failure.worst(
            cases(
                List.of(BAR, EMPTY, BAR, BAR, EMPTY, BAR, BAR),
                List.of(NEARLY, ABOVE, SHORT, ALL, SHORT, EMPTY, BAR)));
    // The false alarm of three pixels, not that of two; no outline, as there are three others.
    assertEquals(List.of(4, 6, 3, 5), numbers(failures));
  }

  @Test
  void filledUpToThree() {
    List<Failure> failures =
        Failure.worst(cases(List.of(BAR, BAR, BAR, BAR), List.of(NEARLY, NEARLY, NEARLY, SHORT)));
    assertEquals(List.of(4, 1, 2), numbers(failures));
  }

  @Test
  void ofOtherPatientsWhereThereAre() {
    List<Case> slices =
        new ArrayList<>(cases(List.of(BAR, EMPTY, BAR, BAR), List.of(EMPTY, SHORT, SHORT, ALL)));
    List<Patient> other = List.of(Drawn.patient("other", EMPTY));
    slices.addAll(Case.of(other.get(0), Drawn.evaluate(other, ABOVE).patients().get(0)));
    List<Failure> failures = Failure.worst(slices);
    // The second slice of the first patient is the larger false alarm, but that patient has shown
    // what it misses.
    assertEquals(List.of(4, 1, 3, 1), numbers(failures));
    assertEquals(Failure.Kind.FALSE_ALARM, failures.get(3).kind());
    assertEquals("other", failures.get(3).slice().patient());
  }

  @Test
  void noneWhereAllIsRight() {
    assertEquals(List.of(), Failure.worst(cases(List.of(BAR, EMPTY), List.of(BAR, EMPTY))));
  }

  @Test
  void saysWhere() {
    assertEquals("upper left", where("##....", "......", "......", "......", "......", "......"));
    assertEquals("lower right", where("......", "......", "......", "......", "......", ".....#"));
    assertEquals("centre", where("......", "......", "..##..", "..##..", "......", "......"));
    assertEquals("left", where("......", "......", "#.....", "#.....", "......", "......"));
    assertEquals("upper middle", where("..##..", "......", "......", "......", "......", "......"));
    assertEquals("", where("......", "......", "......", "......", "......", "......"));
    List<Case> volume = cases(List.of(BAR, BAR, BAR), List.of(BAR, BAR, BAR));
    assertEquals("slice 1 of 3 (first third of the volume)", volume.get(0).whichOfVolume());
    assertEquals("slice 2 of 3 (middle third of the volume)", volume.get(1).whichOfVolume());
    assertEquals("slice 3 of 3 (last third of the volume)", volume.get(2).whichOfVolume());
    Case odd = new Case(volume.get(0).slice(), volume.get(0).result(), 2, 3);
    assertEquals("slice 1 (2 of 3, middle third of the volume)", odd.whichOfVolume());
  }

  private static String where(String... rows) {
    Mask mask = Drawn.mask(rows);
    return cases(List.of(mask), List.of(mask)).get(0).where();
  }

  private static List<Integer> numbers(List<Failure> failures) {
    return failures.stream().map(failure -> failure.slice().place()).toList();
  }

  private static List<Case> cases(List<Mask> truths, List<Mask> predictions) {
    Patient patient = Drawn.patient("a", truths.toArray(Mask[]::new));
    Evaluation evaluation = Drawn.evaluate(List.of(patient), predictions.toArray(Mask[]::new));
    return Case.of(patient, evaluation.patients().get(0));
  }
}
