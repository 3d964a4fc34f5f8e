package io.github.glia.benchmarks.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All that was measured, in a file that later runs add to, and what follows from it. */
final class TrialTable {
  static final String PRODUCT = "product";

  /** How much slower than the fastest something may be measured, and be as fast. */
  private static final double NOISE = 1.02;

  private final Path csv;
  private final Path text;
  private final List<Trial> trials = new ArrayList<>();

  /** Reads what an earlier run left in the folder. */
  TrialTable(Path folder) throws IOException {
    csv = folder.resolve("convolutions.csv");
    text = folder.resolve("convolutions.txt");
    if (Files.exists(csv)) {
      Files.readAllLines(csv).stream().skip(1).map(Trial::fromCsv).forEach(trials::add);
    }
  }

  boolean has(String precision, String work, String direction) {
    return of(precision).anyMatch(t -> t.work().equals(work) && t.direction().equals(direction));
  }

  /** Adds all algorithms of some work, and writes the files anew. */
  void add(List<Trial> ofSomeWork) throws IOException {
    trials.addAll(ofSomeWork);
    List<String> lines = new ArrayList<>(List.of(Trial.CSV_HEADER));
    trials.forEach(trial -> lines.add(trial.toCsv()));
    Files.write(csv, lines);
    Files.writeString(text, toString());
  }

  private Stream<Trial> of(String precision) {
    return trials.stream().filter(trial -> trial.precision().equals(precision));
  }

  /** The algorithms of each convolution in each direction. */
  private Collection<List<Trial>> convolutions(String precision) {
    Map<String, List<Trial>> groups = new LinkedHashMap<>();
    of(precision)
        .filter(trial -> !trial.direction().equals(PRODUCT))
        .forEach(
            trial ->
                groups
                    .computeIfAbsent(trial.work() + " " + trial.direction(), k -> new ArrayList<>())
                    .add(trial));
    return groups.values();
  }

  /** The most multiplications and additions a second that anything reached. */
  private double limit(String precision) {
    return best(of(precision));
  }

  private static double best(Stream<Trial> some) {
    return some.filter(trial -> trial.ran() && trial.countsAsFormula())
        .mapToDouble(Trial::teraflops)
        .max()
        .orElse(Double.NaN);
  }

  private String limits(String precision) {
    return String.format(
        Locale.ROOT,
        "%s: the limit is %.2f TFLOP/s: the best of a product of matrices (%.2f) and of"
            + " convolutions (%.2f)",
        precision,
        limit(precision),
        best(of(precision).filter(trial -> trial.direction().equals(PRODUCT))),
        best(of(precision).filter(trial -> !trial.direction().equals(PRODUCT))));
  }

  /** How good the choices of Glia are. */
  String summary(String precision) {
    double gigaflop = 0;
    double withChosen = 0;
    double withFastest = 0;
    int chosen = 0;
    int slower = 0;
    String worst = "";
    double worstRatio = 1;
    for (List<Trial> algorithms : convolutions(precision)) {
      Optional<Trial> choice = algorithms.stream().filter(t -> t.ran() && t.isChosen()).findAny();
      if (choice.isPresent()) {
        Trial fastest =
            algorithms.stream()
                .filter(Trial::ran)
                .min(Comparator.comparingDouble(Trial::milliseconds))
                .orElseThrow();
        double ratio = choice.get().milliseconds() / fastest.milliseconds();
        chosen++;
        slower += ratio > NOISE ? 1 : 0;
        gigaflop += fastest.gigaflop();
        withChosen += choice.get().milliseconds();
        withFastest += fastest.milliseconds();
        if (ratio > worstRatio) {
          worstRatio = ratio;
          worst =
              String.format(
                  Locale.ROOT,
                  ", at worst %.2f times: %s %s by %s, not %s",
                  ratio,
                  fastest.work(),
                  fastest.direction(),
                  choice.get().algorithm(),
                  fastest.algorithm());
        }
      }
    }
    return String.format(
        Locale.ROOT,
        "%s%n  each once: %.3f ms as Glia chooses (%.1f %% of the limit), %.3f ms by the fastest;"
            + " of %d choices %d are more than %.0f %% slower than the fastest%s",
        limits(precision),
        withChosen,
        100 * gigaflop / withChosen / limit(precision),
        withFastest,
        chosen,
        slower,
        100 * (NOISE - 1),
        worst);
  }

  /** A line for each algorithm. */
  @Override
  public String toString() {
    StringBuilder table = new StringBuilder();
    trials.stream().map(Trial::precision).distinct().forEach(p -> table.append(table(p)));
    return table.toString();
  }

  private String table(String precision) {
    StringBuilder table = new StringBuilder(summary(precision)).append(System.lineSeparator());
    table.append(
        line(
            "convolution",
            "direction",
            "algorithm",
            "ms",
            "TFLOP/s",
            "limit",
            "workspace MiB",
            ""));
    double limit = limit(precision);
    of(precision).forEach(trial -> table.append(line(trial, limit)));
    convolutions(precision).stream()
        .map(algorithms -> algorithms.get(0))
        .filter(trial -> !trial.chosen().startsWith("cuDNN "))
        .forEach(
            trial ->
                table.append(
                    String.format(
                        "%s %s: Glia computes it by %s%n",
                        trial.work(), trial.direction(), trial.chosen())));
    return table.append(System.lineSeparator()).toString();
  }

  private static String line(Trial trial, double limit) {
    return line(
        trial.work(),
        trial.direction(),
        trial.algorithm(),
        number("%.4f", trial.milliseconds()),
        number("%.2f", trial.teraflops()),
        number("%.1f %%", 100 * trial.teraflops() / limit),
        trial.ran() || trial.workspace() > 0 ? number("%.2f", trial.workspace() / 0x1p20) : "-",
        trial.ran() && trial.isChosen() ? "  Glia's" : "");
  }

  private static String line(Object... columns) {
    return String.format("%-16s %-16s %-33s %9s %9s %7s %14s%s%n", columns);
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }
}
