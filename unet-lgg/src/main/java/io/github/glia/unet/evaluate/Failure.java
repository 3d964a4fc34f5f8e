package io.github.glia.unet.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** A slice that went wrong, and how. */
record Failure(Case slice, Kind kind) {
  private static final int FEWEST = 3;

  /** What can go wrong; the first that fits is said. */
  enum Kind {
    MISSED("Missed"),
    FALSE_ALARM("False alarm"),
    FRAGMENTED("Fragmented"),
    TOO_SMALL("Too small"),
    TOO_LARGE("Too large"),
    OUTLINE("Inexact outline");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }

    static Kind of(SliceResult result) {
      Counts counts = result.scores().counts();
      if (counts.truth() == 0) {
        return FALSE_ALARM;
      }
      if (counts.truePositive() == 0) {
        return MISSED;
      }
      if (parts(result.prediction()) >= parts(result.truth()) + 2) {
        return FRAGMENTED;
      }
      double ratio = (double) counts.predicted() / counts.truth();
      if (ratio < 2.0 / 3) {
        return TOO_SMALL;
      }
      return ratio > 1.5 ? TOO_LARGE : OUTLINE;
    }
  }

  /**
   * The worst slice of each kind, each of another patient where that can be, and after them the
   * worst of all until there are three. Fewer, if fewer slices have a wrong pixel.
   */
  static List<Failure> worst(List<Case> slices) {
    List<Failure> candidates =
        slices.stream()
            .filter(slice -> slice.result().scores().counts().wrong() > 0)
            .sorted(Comparator.comparingLong((Case s) -> -s.result().scores().counts().wrong()))
            .map(slice -> new Failure(slice, Kind.of(slice.result())))
            .toList();
    List<Failure> chosen = new ArrayList<>();
    Set<String> patients = new HashSet<>();
    for (Kind kind : Kind.values()) {
      if (kind != Kind.OUTLINE) {
        take(candidates, chosen, patients, failure -> failure.kind == kind);
      }
    }
    while (chosen.size() < Math.min(FEWEST, candidates.size())) {
      take(candidates, chosen, patients, failure -> true);
    }
    chosen.sort(Comparator.comparingInt(candidates::indexOf));
    return chosen;
  }

  private static void take(
      List<Failure> candidates,
      List<Failure> chosen,
      Set<String> patients,
      Predicate<Failure> wanted) {
    List<Failure> fitting =
        candidates.stream().filter(wanted).filter(failure -> !chosen.contains(failure)).toList();
    fitting.stream()
        .filter(failure -> !patients.contains(failure.slice.patient()))
        .findFirst()
        .or(() -> fitting.stream().findFirst())
        .ifPresent(
            failure -> {
              chosen.add(failure);
              patients.add(failure.slice.patient());
            });
  }

  static int parts(Mask mask) {
    return Components.of(mask).size();
  }

  /** What happened, in a sentence or two. */
  String explanation() {
    SliceResult result = slice.result();
    Counts counts = result.scores().counts();
    String truth = Text.plural(counts.truth(), "pixel");
    String predicted = Text.plural(counts.predicted(), "pixel");
    return switch (kind) {
      case MISSED ->
          Text.of(
                  "The tumour (%s) was not marked at all; the highest probability there was %s.",
                  truth, Text.ratio(result.peak()))
              + (counts.predicted() == 0
                  ? ""
                  : Text.of(" Marked instead: %s elsewhere.", predicted));
      case FALSE_ALARM ->
          Text.of("There is no tumour in this slice, but the prediction has %s.", predicted);
      case FRAGMENTED ->
          Text.of(
              "The tumour is in %s, the prediction in %d; %s of the tumour was found.",
              Text.plural(parts(result.truth()), "part"),
              parts(result.prediction()),
              Text.percent(Metric.recall(counts)));
      case TOO_SMALL ->
          Text.of(
              "Only %s of the tumour was found: the prediction has %s, the tumour %s.",
              Text.percent(Metric.recall(counts)), predicted, Text.count(counts.truth()));
      case TOO_LARGE ->
          Text.of(
              "The prediction has %s, the tumour %s; %s of what was marked is not tumour.",
              predicted, Text.count(counts.truth()), Text.percent(1 - Metric.precision(counts)));
      case OUTLINE ->
          Text.of(
              "About the right size, with %s wrong along the outline or elsewhere: %s of the tumour"
                  + " was found, and %s of what was marked is tumour.",
              Text.plural(counts.wrong(), "pixel"),
              Text.percent(Metric.recall(counts)),
              Text.percent(Metric.precision(counts)));
    };
  }
}
