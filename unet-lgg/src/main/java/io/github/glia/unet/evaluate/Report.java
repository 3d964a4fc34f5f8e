package io.github.glia.unet.evaluate;

import io.github.glia.nn.WholeFile;
import io.github.glia.unet.data.Patient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An evaluation as one HTML file that needs nothing else: no network, no scripts, no other files.
 */
public final class Report {
  /** The key of the setup that says how the patients were split; quoted with the headline. */
  public static final String SPLIT = "split";

  private static final String NO_SPLIT =
      "how these patients were chosen, and whether the network was trained on some of them, was not"
          + " recorded.";

  private static final String FOOT = "</main>\n</body>\n</html>\n";

  private Report() {}

  /**
   * Writes the report of patients that were evaluated as they are.
   *
   * @param patients those that were evaluated, in the same order
   * @param history null if it is not known how the network was trained
   * @param setup what else to tell, by name; see {@link #SPLIT}
   */
  public static void write(
      Path htmlFile,
      Evaluation evaluation,
      List<Patient> patients,
      TrainingHistory history,
      Map<String, String> setup)
      throws IOException {
    write(htmlFile, evaluation, patients, patient -> patient, history, setup);
  }

  /**
   * Writes the report.
   *
   * @param patients those that were evaluated, in the same order
   * @param original what they were evaluated with, for the pictures
   * @param history null if it is not known how the network was trained
   * @param setup what else to tell, by name; see {@link #SPLIT}
   */
  public static void write(
      Path htmlFile,
      Evaluation evaluation,
      List<Patient> patients,
      OriginalSize original,
      TrainingHistory history,
      Map<String, String> setup)
      throws IOException {
    List<List<Case>> cases = cases(evaluation, patients);
    WholeFile.write(htmlFile, html(evaluation, cases, original, history, setup));
  }

  /**
   * Writes a report of a training of which nobody was held out: how it went, and no figures, for
   * there are none that would tell how the network does on others.
   *
   * @param setup what else to tell, by name
   */
  public static void writeWithoutFigures(
      Path htmlFile, TrainingHistory history, Map<String, String> setup) throws IOException {
    StringBuilder page = new StringBuilder(head());
    page.append(
        """
        <header>
        <p class="brand">Glia</p>
        <h1>Nothing was held out</h1>
        <p class="statement">No patient was held out of this training, so there is nobody on whom to
        measure how well the network finds tumours, and this report has no such figures.
        Not for clinical use.</p>
        </header>
        """);
    if (!history.epochs().isEmpty()) {
      page.append(section("Training", ReportCharts.training(history)));
    }
    page.append(section("Setup", ReportTables.setup(setup)));
    WholeFile.write(htmlFile, page.append(FOOT).toString());
  }

  private static List<List<Case>> cases(Evaluation evaluation, List<Patient> patients) {
    List<String> evaluated = evaluation.patients().stream().map(PatientResult::name).toList();
    List<String> given = patients.stream().map(Patient::name).toList();
    if (!evaluated.equals(given)) {
      throw new IllegalArgumentException(
          "the report needs the patients that were evaluated, %s, but got %s"
              .formatted(evaluated, given));
    }
    List<List<Case>> cases = new ArrayList<>();
    for (int i = 0; i < patients.size(); i++) {
      cases.add(Case.of(patients.get(i), evaluation.patients().get(i)));
    }
    return cases;
  }

  private static String html(
      Evaluation evaluation,
      List<List<Case>> cases,
      OriginalSize original,
      TrainingHistory history,
      Map<String, String> setup)
      throws IOException {
    StringBuilder page = new StringBuilder(head());
    page.append(headline(evaluation, setup));
    if (history != null && !history.epochs().isEmpty()) {
      page.append(section("Training", ReportCharts.training(history)));
    }
    page.append(section("Distribution", ReportCharts.distribution(evaluation)));
    page.append(section("Threshold and tumour size", ReportCharts.thresholdAndSize(evaluation)));
    page.append(section("Best, median and worst", ReportCases.ranked(evaluation, cases, original)));
    page.append(section("What went wrong", ReportCases.failures(cases, original)));
    page.append(section("All metrics", ReportTables.metrics(evaluation)));
    page.append(section("Patients", ReportTables.patients(evaluation)));
    if (!setup.isEmpty()) {
      page.append(section("Setup", ReportTables.setup(setup)));
    }
    if (!evaluation.skipped().isEmpty()) {
      page.append(section("Left out", ReportTables.skipped(evaluation.skipped())));
    }
    page.append(section("How this was measured", definitions(evaluation)));
    return page.append(FOOT).toString();
  }

  private static String head() {
    return """
        <!DOCTYPE html>
        <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>Glia: how well the tumours were found</title>
        <style>
        """
        + style()
        + "</style>\n</head>\n<body>\n<main>\n";
  }

  private static String section(String title, String content) {
    return "<section>\n<h2>" + title + "</h2>\n" + content + "</section>\n";
  }

  private static String headline(Evaluation evaluation, Map<String, String> setup) {
    Statistics dice = evaluation.statistics(Scope.VOLUME, Metric.DICE);
    Statistics slices = evaluation.statistics(Scope.TUMOUR_SLICE, Metric.DICE);
    Statistics distance = evaluation.statistics(Scope.VOLUME, Metric.HAUSDORFF95);
    Lesions lesions = evaluation.lesions();
    int patients = evaluation.count(Scope.VOLUME);
    StringBuilder header = new StringBuilder("<header>\n<p class=\"brand\">Glia</p>\n");
    header.append("<h1>How well the tumours were found</h1>\n<dl class=\"figures\">\n");
    header.append(
        figure(
            "Dice per volume, mean",
            Text.ratio(dice.mean()),
            Double.isNaN(dice.meanInterval().low())
                ? "of one patient only"
                : "95 % interval " + Text.interval(Metric.DICE, dice.meanInterval())));
    header.append(
        figure(
            "Dice per volume, median",
            Text.ratio(dice.median()),
            Text.of("from %s to %s", Text.ratio(dice.min()), Text.ratio(dice.max()))));
    header.append(
        figure(
            "Dice, tumour slices",
            Text.ratio(slices.mean()),
            "mean of " + Text.plural(slices.count(), "slice")));
    header.append(
        figure(
            "Hausdorff 95 %",
            Text.length(distance.median()),
            "pixels, median of " + Text.plural(distance.count(), "volume")));
    header.append(
        figure(
            "Lesions found",
            Text.of("%d of %d", lesions.found(), lesions.total()),
            Text.of(
                "%s, %.1f per patient",
                Text.plural(lesions.falseAlarms(), "false alarm"),
                (double) lesions.falseAlarms() / patients)));
    header.append("</dl>\n<p class=\"statement\"><strong>What the headline says:</strong> ");
    header.append(
        Text.of(
            "Dice of all voxels of a patient together, over %s with %s, at threshold %s."
                + " <strong>Split:</strong> ",
            Text.plural(patients, "patient"),
            Text.plural(evaluation.count(Scope.SLICE), "slice"),
            Text.of("%.2f", evaluation.threshold())));
    header.append(Text.escape(setup.getOrDefault(SPLIT, NO_SPLIT)));
    return header.append(" Not for clinical use.</p>\n</header>\n").toString();
  }

  private static String figure(String name, String value, String remark) {
    return "<div><dt>%s</dt><dd><b>%s</b><span>%s</span></dd></div>\n"
        .formatted(name, value, remark);
  }

  private static String definitions(Evaluation evaluation) {
    return Text.of(
        """
        <ul>
        <li>A pixel is called tumour where its probability is at least %.2f. TP, FP, FN and TN count
        pixels by truth and prediction.</li>
        <li>Dice = 2 TP / (2 TP + FP + FN). IoU = TP / (TP + FP + FN). Accuracy = (TP + TN) / all.
        Precision = TP / (TP + FP). Recall = TP / (TP + FN). Specificity = TN / (TN + FP).</li>
        <li>Where neither truth nor prediction has tumour, Dice and IoU are 1; where only one of them
        has, they are 0. Most slices have none, so figures of all slices look better than the masks
        are: compare per volume, or per slice with tumour.</li>
        <li>Truth is the masks as they were drawn: where the network works at another size, its
        probabilities are brought to the size of the mask, and never the mask to the network's.</li>
        <li>Any other ratio with nothing to divide by is left out of its mean.</li>
        <li>Hausdorff 95 %%: the distances from the voxels of one surface to the nearest of the other,
        the 95th percentile, and the larger of both directions, in pixels of the masks. In a volume, the step from slice to slice counts as one pixel. Left out where truth
        or prediction is empty.</li>
        <li>A lesion is a part of the true volume that is connected, by corners too. It is found if
        one voxel of it is marked; a marked part without a voxel of any lesion is a false alarm.</li>
        <li>Intervals: 95 %% bootstrap over patients, 2000 draws with a fixed seed: where the figure
        would be 19 times of 20 with other patients like these. With fewer than about ten patients
        they are narrower than what is really known.</li>
        </ul>
        """,
        evaluation.threshold());
  }

  private static String style() {
    try (InputStream css = Report.class.getResourceAsStream("report.css")) {
      if (css == null) {
        throw new IllegalStateException("report.css is missing from the jar; build it again");
      }
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("report.css cannot be read from the jar", e);
    }
  }
}
