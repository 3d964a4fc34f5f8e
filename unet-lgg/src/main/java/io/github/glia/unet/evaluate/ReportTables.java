package io.github.glia.unet.evaluate;

import io.github.glia.unet.data.Problem;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The tables of the report. */
final class ReportTables {
  private ReportTables() {}

  static String metrics(Evaluation evaluation) {
    StringBuilder html = new StringBuilder();
    for (Scope scope : Scope.values()) {
      html.append(
          Text.of("<h3>%s (%s)</h3>\n", scope.label(), Text.count(evaluation.count(scope))));
      html.append(open(scope.label() + ", all metrics"));
      html.append(
          head(
              "Metric",
              "Mean",
              "95 % interval",
              "Median",
              "95 % interval",
              "Deviation",
              "Least",
              "Greatest",
              "Left out"));
      for (Metric metric : Metric.values()) {
        Statistics s = evaluation.statistics(scope, metric);
        html.append(
            row(
                metric.label(),
                Text.value(metric, s.mean()),
                Text.interval(metric, s.meanInterval()),
                Text.value(metric, s.median()),
                Text.interval(metric, s.medianInterval()),
                Text.value(metric, s.deviation()),
                Text.value(metric, s.min()),
                Text.value(metric, s.max()),
                Text.count(s.undefined())));
      }
      html.append(close());
    }
    return html.toString();
  }

  static String patients(Evaluation evaluation) {
    StringBuilder html = new StringBuilder("<p>Per volume, the worst first.</p>\n");
    html.append(open("Patients"));
    html.append(
        head(
            "Patient",
            "Dice",
            "IoU",
            "Precision",
            "Recall",
            "Hausdorff 95 %",
            "Slices",
            "With tumour",
            "Tumour, voxels",
            "Marked, voxels",
            "Lesions found",
            "False alarms"));
    evaluation.patients().stream()
        .sorted(Comparator.comparingDouble(patient -> patient.scores().dice()))
        .forEach(
            patient -> {
              Scores scores = patient.scores();
              html.append(
                  row(
                      Text.escape(patient.name()).replace("_", "_<wbr/>"),
                      bar(scores.dice()),
                      Text.ratio(scores.iou()),
                      Text.ratio(Metric.PRECISION.of(scores)),
                      Text.ratio(Metric.RECALL.of(scores)),
                      Text.length(scores.hausdorff95()),
                      Text.count(patient.slices().size()),
                      Text.count(Scope.TUMOUR_SLICE.scores(patient).count()),
                      Text.count(scores.counts().truth()),
                      Text.count(scores.counts().predicted()),
                      Text.of("%d of %d", patient.lesions().found(), patient.lesions().total()),
                      Text.count(patient.lesions().falseAlarms())));
            });
    return html.append(close()).toString();
  }

  private static String bar(double share) {
    return Text.of(
        "<span class=\"bar\" style=\"--share:%.1f%%\">%s</span>", 100 * share, Text.ratio(share));
  }

  static String setup(Map<String, String> setup) {
    StringBuilder html = new StringBuilder("<dl class=\"setup\">\n");
    setup.forEach(
        (name, value) ->
            html.append(
                "<dt>%s</dt><dd>%s</dd>\n".formatted(Text.escape(name), Text.escape(value))));
    return html.append("</dl>\n").toString();
  }

  static String skipped(List<Problem> problems) {
    StringBuilder html = new StringBuilder();
    html.append(
        Text.of(
            "<p>%s not evaluated:</p>\n<ul>\n",
            problems.size() == 1 ? "1 file was" : Text.count(problems.size()) + " files were"));
    for (Problem problem : problems) {
      html.append("<li>").append(Text.escape(problem.toString())).append("</li>\n");
    }
    return html.append("</ul>\n").toString();
  }

  private static String open(String name) {
    return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n<table>\n"
        .formatted(name);
  }

  private static String close() {
    return "</tbody>\n</table>\n</div>\n";
  }

  private static String head(String... names) {
    StringBuilder html = new StringBuilder("<thead><tr>");
    for (String name : names) {
      html.append("<th scope=\"col\">").append(name).append("</th>");
    }
    return html.append("</tr></thead>\n<tbody>\n").toString();
  }

  private static String row(String name, String... values) {
    StringBuilder html = new StringBuilder("<tr><th scope=\"row\">").append(name).append("</th>");
    for (String value : values) {
      html.append("<td>").append(value).append("</td>");
    }
    return html.append("</tr>\n").toString();
  }
}
